"""The server and OSC's port announced in the local network, so that other programs find them (Bonjour, RFC 6763)."""

import contextlib
import socket
import threading
from collections.abc import Callable

import ifaddr
from zeroconf import Error as ZeroconfError
from zeroconf import ServiceInfo, Zeroconf

#: What is not taken back in time runs out by itself.
_GOODBYE_S = 2.0


class Announcement:
    """Announced from now on, in a thread of its own, until `close`; `tell` is told once where that cannot be."""

    def __init__(self, host: str, port: int, osc_port: int, tell: Callable[[str], None]) -> None:
        self._zeroconf: Zeroconf | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._announce, args=(host, port, osc_port, tell), daemon=True)
        self._thread.start()

    def _announce(self, host: str, port: int, osc_port: int, tell: Callable[[str], None]) -> None:
        everywhere = host == "0.0.0.0"
        try:
            # On this machine alone where nobody else is let in.
            found = Zeroconf() if everywhere else Zeroconf(interfaces=[host])
            self._zeroconf = found
            addresses = [socket.inet_aton(one) for one in (own_addresses() if everywhere else [host])]
            for kind, number in (("_oscjson._tcp.local.", port), ("_osc._udp.local.", osc_port)):
                about = ServiceInfo(kind, f"vj {port}.{kind}", number, addresses=addresses)
                if number:
                    # Another vj in this network may have the name.
                    found.register_service(about, allow_name_change=True)
        except (OSError, ZeroconfError) as e:
            if not self._closed:
                tell(f"OSCQuery is not announced in the network: {e}")

    def close(self) -> None:
        """Take it back."""
        self._closed = True
        if self._zeroconf:
            ending = threading.Thread(target=self._end, daemon=True)
            ending.start()
            ending.join(_GOODBYE_S)

    def _end(self) -> None:
        if self._zeroconf:
            with contextlib.suppress(OSError, ZeroconfError):
                self._zeroconf.close()


def own_addresses() -> list[str]:
    """This machine's addresses in its networks (IPv4)."""
    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return [one for one in found if not one.startswith("127.")]
