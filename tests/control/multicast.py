"""Multicast on the machine itself, which zeroconf and Link speak."""

import socket
import struct


def loops():
    """Whether multicast on the loopback interface comes back here."""
    group = struct.pack("4s4s", socket.inet_aton("239.255.77.7"), socket.inet_aton("127.0.0.1"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.bind(("", 0))
            one.settimeout(2.0)
            one.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
            one.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            one.sendto(b"x", ("239.255.77.7", one.getsockname()[1]))
            return one.recv(9) == b"x"
        except OSError:
            return False
