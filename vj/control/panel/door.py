"""Who is let in: by address, by the name that was asked for, by where a page came from, by a token. Pure.

A browser shows pages of strangers, too: their requests come from this machine. They are told by `Origin`, and by a
`Host` that is a name of theirs which points here (DNS rebinding); an address cannot be rebound.
"""

import hmac
import socket
from dataclasses import dataclass
from ipaddress import ip_address

from vj.control.osc.allowed import Allowed
from vj.control.panel.config import PanelConfig, is_loopback


@dataclass(frozen=True, slots=True)
class Caller:
    """A request as the door sees it: the peer's address, headers, the token of its path; panel: the page is asked for.

    A header that is not there is empty.
    """

    address: str
    host: str
    origin: str = ""
    site: str = ""
    token: str = ""
    panel: bool = False


class Door:
    """Raises ControlError for networks that are none."""

    def __init__(self, config: PanelConfig) -> None:
        self._config, self._allowed = config, Allowed(config.allowed)
        name = socket.gethostname().lower()
        self._names = {"localhost", name, f"{name.removesuffix('.local')}.local"}

    def refusal(self, caller: Caller) -> str:
        """Why a caller is not let in, as a line; "" where it is."""
        near = is_loopback(caller.address)
        if not near and not (self._config.beyond and self._allowed.may(caller.address)):
            return "this address is not allowed"
        if not self._is_ours(caller.host):
            return "the Host is another's"
        if caller.origin and caller.origin.lower() != f"http://{caller.host.lower()}":
            return "the Origin is another's"
        if caller.panel and caller.site not in ("", "same-origin", "none"):
            return "asked for by another site"
        if near:
            return ""
        if caller.panel:
            return "" if self._knows(caller.token) else "the token is missing or wrong"
        return "" if self._config.opened or self._knows(caller.token) else "only this machine may ask"

    def _knows(self, token: str) -> bool:
        mine = self._config.token
        return bool(mine) and hmac.compare_digest(token.encode(errors="replace"), mine.encode())

    def _is_ours(self, host: str) -> bool:
        """Whether a Host header names this machine, by address or by a name of its own."""
        name, _, port = host.rpartition(":") if ":" in host and not host.endswith("]") else (host, "", "")
        if port and not port.isdigit():
            return False
        name = name.strip("[]").lower()
        try:
            ip_address(name)
        except ValueError:
            return name in self._names
        return True
