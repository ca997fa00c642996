"""Who is let in."""

import socket

import pytest

from vj.control.panel.config import PanelConfig
from vj.control.panel.door import Caller, Door
from vj.core.errors import ControlError

NEAR = Door(PanelConfig())
OPEN = Door(PanelConfig("0.0.0.0", token="secret"))
SOME = Door(PanelConfig("0.0.0.0", token="secret", allowed=("192.168.1.0/24",)))
OSC = Door(PanelConfig("0.0.0.0", token="secret", opened=True))
HOST = "127.0.0.1:7701"
FAR = {"address": "192.168.1.9", "host": "192.168.1.5:7701"}
NAME = socket.gethostname().lower()


@pytest.mark.parametrize(
    ("door", "caller"),
    [
        (NEAR, Caller("127.0.0.1", HOST)),
        (NEAR, Caller("127.0.0.1", "localhost:7701", panel=True)),
        (NEAR, Caller("::1", "[::1]:7701")),
        (NEAR, Caller("127.0.0.1", "[::1]")),
        (NEAR, Caller("127.0.0.1", f"{NAME}:7701")),
        (NEAR, Caller("127.0.0.1", HOST, origin=f"http://{HOST}", site="same-origin", panel=True)),
        (NEAR, Caller("127.0.0.1", HOST, site="none", panel=True)),
        (OPEN, Caller("127.0.0.1", HOST, panel=True)),
        (OPEN, Caller(**FAR, token="secret", panel=True)),
        (SOME, Caller(**FAR, token="secret", panel=True)),
        (OSC, Caller(**FAR)),
    ],
)
def test_let_in(door, caller):
    assert door.refusal(caller) == ""


@pytest.mark.parametrize(
    ("door", "caller", "why"),
    [
        # Names that are made to point here, and pages of others.
        (NEAR, Caller("127.0.0.1", "evil.example:7701"), "Host"),
        (NEAR, Caller("127.0.0.1", "127.0.0.1.evil.example"), "Host"),
        (NEAR, Caller("127.0.0.1", "localhost.evil.example:7701"), "Host"),
        (NEAR, Caller("127.0.0.1", ""), "Host"),
        (NEAR, Caller("127.0.0.1", "127.0.0.1:x"), "Host"),
        (NEAR, Caller("127.0.0.1", "127.0.0.1@evil.example"), "Host"),
        (NEAR, Caller("127.0.0.1", HOST, origin="http://evil.example"), "Origin"),
        (NEAR, Caller("127.0.0.1", HOST, origin="null"), "Origin"),
        (NEAR, Caller("127.0.0.1", HOST, origin="http://127.0.0.1:8080"), "Origin"),
        (NEAR, Caller("127.0.0.1", HOST, origin=f"https://{HOST}"), "Origin"),
        (NEAR, Caller("127.0.0.1", HOST, site="cross-site", panel=True), "site"),
        (NEAR, Caller("127.0.0.1", HOST, site="same-site", panel=True), "site"),
        # Other machines.
        (NEAR, Caller(**FAR, token="secret", panel=True), "not allowed"),
        (OPEN, Caller(**FAR, panel=True), "token"),
        (OPEN, Caller(**FAR, token="Secret", panel=True), "token"),
        (OPEN, Caller(**FAR, token="sécret", panel=True), "token"),
        (OPEN, Caller(**FAR), "this machine"),
        (OSC, Caller(**FAR, panel=True), "token"),
        (SOME, Caller("192.168.2.9", "192.168.1.5", token="secret", panel=True), "not allowed"),
    ],
)
def test_kept_out(door, caller, why):
    assert why in door.refusal(caller)


def test_an_empty_token_opens_nothing():
    assert "token" in Door(PanelConfig("0.0.0.0")).refusal(Caller(**FAR, panel=True))


def test_networks_that_are_none():
    with pytest.raises(ControlError, match="expected addresses or networks"):
        Door(PanelConfig(allowed=("here",)))
