"""The window's side of the panel: its server is kept running, found, and let go of."""

import os
import signal
import socket
import time

import multicast
import panel_served
import pytest
from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

from vj.control.panel.config import PanelConfig


def test_a_server_that_was_killed_comes_back_with_all_there_is():
    with panel_served.served() as one:
        one.values(noise__sigma=0.5)
        port, pid = one.link.port, one.link.pid
        assert b"0.5" in one.asked("/vj/noise/sigma?VALUE")[2]
        # It asks for the same port again only where that was chosen, so that browsers find it.
        os.kill(pid, signal.SIGKILL)
        assert one.waited(lambda: one.link.restarts == 1 and one.link.pid not in (None, pid))
        assert one.waited(lambda: one.link.port != port or panel_served.answers(one.url))
        assert b"0.5" in one.asked("/vj/noise/sigma?VALUE")[2]
        assert one.link.watched == 0
        assert any("killed by SIGKILL" in line for line in one.told)


def test_one_that_hangs_is_replaced():
    with panel_served.served() as one:
        pid = one.link.pid
        os.kill(pid, signal.SIGSTOP)
        assert one.waited(lambda: one.link.restarts == 1)
        assert any("no sign of life" in line for line in one.told)


def test_a_port_that_is_taken_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        one = panel_served.Served(PanelConfig(port=port))
        try:
            assert one.waited(lambda: one.told)
            # Every try says the same, which is told once.
            assert one.waited(lambda: one.link.restarts >= 2)
            assert one.told == [f"OSCQuery 127.0.0.1:{port} cannot be opened: Address already in use"]
            taken.close()
            assert one.ready.wait(60)
        finally:
            one.close()


def test_an_address_that_is_not_here_is_one_line():
    one = panel_served.Served(PanelConfig("203.0.113.7", 0))
    try:
        assert one.waited(lambda: one.told)
        assert "OSCQuery 203.0.113.7:0 cannot be opened: " in one.told[0]
        assert "\n" not in one.told[0]
    finally:
        one.close()


def test_addresses():
    with panel_served.served() as one:
        assert one.link.url == f"http://127.0.0.1:{one.link.port}/panel/"
        assert one.link.urls_elsewhere == []


class Seen(ServiceListener):
    def __init__(self):
        self.there, self.gone = set(), set()

    def add_service(self, zc, type_, name):
        info = zc.get_service_info(type_, name)
        if info:
            self.there.add((type_, info.port, *info.parsed_addresses()))

    def update_service(self, zc, type_, name):
        """Nothing changes here."""

    def remove_service(self, zc, type_, name):
        self.gone.add(name)


def test_it_is_announced_and_taken_back():
    if not multicast.loops():
        pytest.skip("no multicast on the loopback interface of this machine")
    seen, browser = Seen(), Zeroconf(interfaces=["127.0.0.1"])
    one = panel_served.Served(PanelConfig(port=0, osc=("127.0.0.1", 7711)))
    try:
        assert one.ready.wait(60)
        ServiceBrowser(browser, ["_oscjson._tcp.local.", "_osc._udp.local."], seen)
        # Others on this machine may be announced as well, so it is looked for by its own port.
        port = one.link.port
        mine = {("_oscjson._tcp.local.", port, "127.0.0.1"), ("_osc._udp.local.", 7711, "127.0.0.1")}
        assert one.waited(lambda: mine <= seen.there), (seen.there, one.told)
        began_s = time.monotonic()
        one.close()
        assert time.monotonic() - began_s < 30.0
        assert one.waited(lambda: sum(str(port) in name for name in seen.gone) == 2)
        assert one.told == []
    finally:
        browser.close()
