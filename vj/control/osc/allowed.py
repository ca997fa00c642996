"""Who may speak to vj from another machine."""

from collections.abc import Sequence
from ipaddress import IPv4Network, ip_address, ip_network

from vj.core.errors import ControlError

_EXAMPLE = IPv4Network("192.168.1.0/24")


class Allowed:
    """This machine always; others from the named networks, or all where none is named. Raises ControlError."""

    def __init__(self, networks: Sequence[str]) -> None:
        try:
            self._networks = [ip_network(text, strict=False) for text in networks]
        except ValueError:
            raise ControlError(
                f"--osc-allow {', '.join(networks)!r:.80}: expected addresses or networks such as {_EXAMPLE}"
            ) from None

    def may(self, host: str) -> bool:
        """Whether a host, by its address, may."""
        address = ip_address(host)
        return address.is_loopback or not self._networks or any(address in network for network in self._networks)
