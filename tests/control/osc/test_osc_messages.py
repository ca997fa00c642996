"""What messages ask for, and that nothing they hold does harm."""

import math
import random

import pytest

from vj.control.osc.messages import parse_request
from vj.core.errors import VjError
from vj.params.registry import Registry
from vj.params.spec import Param, choice, toggle, trigger

REGISTRY = Registry(
    [
        Param("noise/sigma", 0.5, 0.0, 4.0),
        Param("noise/hue", 0.0, -0.5, 0.5, "turn", bound="wrap"),
        Param("audio/rate", 10.0, 1.0, 100.0, "Hz", curve="exp"),
        toggle("stage/freeze", False, ""),
        trigger("audio/tap", ""),
        choice("fx/a/mode", "add", ("normal", "add", "screen"), ""),
        *(Param(f"fx/a/centre/{c}", 0.5) for c in "xy"),
        *(Param(f"fx/a/tint/{c}", 1.0) for c in "rgba"),
        *(Param(f"fx/{name}/amount", 0.2) for name in ("ab", "ac", "bc")),
    ]
)


TINT = tuple(f"fx/a/tint/{c}" for c in "rgba")


def now(id):
    return REGISTRY[id].default


def changes(address, *arguments):
    return dict(parse_request(address, arguments, REGISTRY, now).changes)


@pytest.mark.parametrize(
    ("address", "arguments", "expected"),
    [
        ("/vj/noise/sigma", [0.25], {"noise/sigma": 0.25}),
        ("/vj/noise/sigma", [3], {"noise/sigma": 3.0}),
        ("/vj/noise/sigma", ["1.5"], {"noise/sigma": 1.5}),
        ("/vj/noise/sigma", [99.0], {"noise/sigma": 4.0}),
        ("/vj/noise/sigma", [-1e30], {"noise/sigma": 0.0}),
        ("/vj/noise/hue", [0.6], {"noise/hue": -0.4}),
        ("/vj/noise/sigma/norm", [0.5], {"noise/sigma": 2.0}),
        ("/vj/noise/sigma/norm", [7.0], {"noise/sigma": 4.0}),
        ("/vj/audio/rate/norm", [0.5], {"audio/rate": 10.0}),
        ("/vj/noise/sigma", ["+", 0.25], {"noise/sigma": 0.75}),
        ("/vj/noise/sigma", ["-", 2], {"noise/sigma": 0.0}),
        ("/vj/audio/rate/norm", ["+", 0.5], {"audio/rate": 100.0}),
        ("/vj/stage/freeze", [True], {"stage/freeze": 1.0}),
        ("/vj/stage/freeze", ["off"], {"stage/freeze": 0.0}),
        ("/vj/stage/freeze", [], {"stage/freeze": 1.0}),
        ("/vj/audio/tap", [], {"audio/tap": 1.0}),
        ("/vj/fx/a/mode", ["screen"], {"fx/a/mode": 2.0}),
        ("/vj/fx/a/mode", [0], {"fx/a/mode": 0.0}),
        ("/vj/fx/a/centre", [0.1, 0.9], {"fx/a/centre/x": 0.1, "fx/a/centre/y": 0.9}),
        ("/vj/fx/a/tint", [0.1, 0.2, 0.3, 0.4], dict(zip(TINT, (0.1, 0.2, 0.3, 0.4), strict=True))),
        ("/vj/fx/a/tint", [0.1, 0.2, 0.3], {"fx/a/tint/r": 0.1, "fx/a/tint/g": 0.2, "fx/a/tint/b": 0.3}),
        ("/vj/fx/a?/amount", [0.9], {"fx/ab/amount": 0.9, "fx/ac/amount": 0.9}),
        ("/vj/fx/*/amount", [0.9], {f"fx/{n}/amount": 0.9 for n in ("ab", "ac", "bc")}),
        ("/vj/fx/[!a]c/amount", [0.9], {"fx/bc/amount": 0.9}),
        ("/vj/fx/[a-b]c/amount", [0.9], {"fx/ac/amount": 0.9, "fx/bc/amount": 0.9}),
        ("/vj/fx/{ab,bc}/amount", [0.9], {"fx/ab/amount": 0.9, "fx/bc/amount": 0.9}),
    ],
)  # fmt: skip
def test_values(address, arguments, expected):
    assert changes(address, *arguments) == pytest.approx(expected)


def test_questions_and_actions():
    assert parse_request("/vj/noise/sigma", ["?"], REGISTRY, now).asked == ("noise/sigma",)
    assert parse_request("/vj/fx/a/centre", ["?"], REGISTRY, now).asked == ("fx/a/centre/x", "fx/a/centre/y")
    found = parse_request("/vj/preset", ["undertow"], REGISTRY, now)
    assert (found.action, found.arguments) == ("preset", ("undertow",))
    assert parse_request("/vj/chain", ["a", "b"], REGISTRY, now).arguments == ("a", "b")


@pytest.mark.parametrize(
    ("address", "arguments", "told"),
    [
        ("/live/song", [1], "expected an address below /vj/"),
        ("/vj/noise/sgma", [1], "no such parameter"),
        ("/vj/noise/sigma", [], "a value is missing"),
        ("/vj/noise/sigma", [1, 2], "found 2 values, expected one"),
        ("/vj/noise/sigma", [math.nan], "expected a finite number"),
        ("/vj/noise/sigma", [math.inf], "expected a finite number"),
        ("/vj/noise/sigma", [10**400], "expected a finite number"),
        ("/vj/noise/sigma", ["+", math.nan], "expected a finite number"),
        ("/vj/noise/sigma", ["loud"], "expected a number 0..4"),
        ("/vj/noise/sigma", [b"blob"], "expected a finite number"),
        ("/vj/noise/sigma", [[1.0]], "expected a finite number"),
        ("/vj/fx/a/mode", ["burn"], "expected one of normal, add, screen"),
        ("/vj/fx/a/centre", [1.0], "no such parameter, or another number of values"),
        ("/vj/nothing/*", [1.0], "no parameter matches"),
        ("/vj/*a*a*a*a*a*", [1.0], "expected at most 200 characters and 4 stars"),
        ("/vj/[z-a]/x", [1.0], "no OSC pattern"),
        ("/vj/noise/sigma", [1.0] * 65, "expected at most 64"),
    ],
)
def test_what_cannot_be_is_one_line(address, arguments, told):
    with pytest.raises(VjError) as caught:
        parse_request(address, arguments, REGISTRY, now)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nothing_leaves_its_range():
    dice, letters = random.Random(3), "/vj/noise*?[]{},!-sigmafxabcentre+norm "
    values = [0, 1, -1, 1e30, -1e-30, math.nan, math.inf, True, None, "+", "-", "?", "x", b"", [], 2**70, "1e999"]
    known = ["/vj/" + p.id for p in REGISTRY]
    done = 0
    for _ in range(30_000):
        address = dice.choice(known)
        for _ in range(dice.randint(0, 3)):
            at = dice.randrange(len(address))
            address = address[:at] + dice.choice(letters) + address[at + dice.randint(0, 1) :]
        try:
            found = parse_request(address, [dice.choice(values) for _ in range(dice.randint(0, 3))], REGISTRY, now)
        except VjError:
            continue
        done += bool(found.changes)
        for id, value in found.changes.items():
            assert REGISTRY[id].lo <= value <= REGISTRY[id].hi
            assert REGISTRY[id].kind == "continuous" or value == round(value)
    assert done > 300
