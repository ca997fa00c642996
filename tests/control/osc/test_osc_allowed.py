"""Who may speak to vj."""

import pytest

from vj.control.osc.allowed import Allowed
from vj.core.errors import ControlError


def test_only_those_who_are_allowed_are_let_in():
    allowed = Allowed(("10.1.2.0/24", "192.168.1.7"))
    assert all(map(allowed.may, ("127.0.0.1", "::1", "10.1.2.77", "192.168.1.7")))
    assert not any(map(allowed.may, ("10.1.3.1", "192.168.1.8", "2001:db8::1")))
    assert Allowed(()).may("203.0.113.5")
    with pytest.raises(ControlError, match="expected addresses or networks such as"):
        Allowed(("everyone",))
