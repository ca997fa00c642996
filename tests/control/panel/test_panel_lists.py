"""What a panel is told once."""

import json

from vj.control.panel.lists import lists, registry_of
from vj.core import resources
from vj.modulation.matrix import signal_names
from vj.modulation.signals import SIGNALS
from vj.render.isf.folder import load_folder
from vj.session.loading import build_registry

SHADERS = tuple(load_folder(resources.shaders_dir()).values())
REGISTRY = build_registry(SHADERS)
CARDS = [{"name": "default", "doc": "", "tags": [], "picture": 0}]


def test_the_registry_is_made_of_it_again():
    told = json.loads(json.dumps(lists(3, REGISTRY, CARDS, SHADERS), allow_nan=False))
    assert registry_of(told).params == REGISTRY.params


def test_everything_is_in_it():
    told = lists(3, REGISTRY, CARDS, SHADERS, {"grade"})
    assert (told["revision"], told["presets"]) == (3, CARDS)
    assert [one["name"] for one in told["signals"]] == list(signal_names(SIGNALS))
    assert {one["name"]: one["kind"] for one in told["shaders"]} == {one.name: one.kind for one in SHADERS}
    assert [one["name"] for one in told["shaders"] if one["picture"]] == ["grade"]
