"""Where the panel and OSCQuery are served."""

from dataclasses import dataclass, field
from ipaddress import ip_address

#: Of the panel and OSCQuery.
PORT = 7701
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PanelConfig:
    """Address and port of the server.

    allowed  networks beyond this machine that may ask, all where none is named
    token    what a browser on another machine has to know
    osc      address and port of OSC over UDP, which OSCQuery tells of; port 0: none
    opened   other programs on other machines may ask without a token, as they may send OSC
    """

    host: str = LOOPBACK
    port: int = PORT
    allowed: tuple[str, ...] = ()
    token: str = ""
    osc: tuple[str, int] = field(default=(LOOPBACK, 0))
    opened: bool = False

    @property
    def beyond(self) -> bool:
        """Whether other machines can reach it."""
        return not is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own alone; a name counts as one that is not, but for localhost."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"
