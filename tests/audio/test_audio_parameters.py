"""Parameters on their way to the ears, without a process."""

import pytest

from vj.audio.parameters import REGISTRY, ParameterReader, ParameterWriter, parameter_ring
from vj.core.errors import PresetError

TAP, GATE = "audio/beat/tap", "audio/gain/gate_db"


@pytest.fixture
def writer():
    one = ParameterWriter({GATE: -50.0})
    yield one
    one.close()


@pytest.fixture
def ring(writer):
    with parameter_ring(writer.name) as one:
        yield one


def test_the_first_look_gives_what_was_set_before(writer, ring):
    assert ParameterReader(ring).look()[GATE] == -50.0


def test_the_newest_counts_and_the_rest_stays(writer, ring):
    reader = ParameterReader(ring)
    for i in range(500):
        writer.set({GATE: -30.0 - i % 20})
    writer.set({"audio/beat/tap_keeps_s": 4.0})
    p = reader.look()
    assert (p[GATE], p["audio/beat/tap_keeps_s"]) == (-49.0, 4.0)
    assert p["audio/gain/release_s"] == REGISTRY["audio/gain/release_s"].default


def test_a_tap_between_two_looks_is_seen_until_sound_was_analysed_with_it(writer, ring):
    reader = ParameterReader(ring)
    reader.look()
    writer.set({TAP: 1.0})
    writer.set({TAP: 0.0, GATE: -20.0})
    assert [reader.look()[TAP] for _ in range(2)] == [1.0, 1.0]
    assert reader.look()[GATE] == -20.0
    reader.used()
    assert reader.look()[TAP] == 0.0


def test_a_tap_that_is_held_stays(writer, ring):
    reader = ParameterReader(ring)
    writer.set({TAP: 1.0})
    reader.look()
    reader.used()
    assert reader.look()[TAP] == 1.0


def test_what_the_ears_do_not_have_is_refused_and_changes_nothing(writer, ring):
    reader = ParameterReader(ring)
    with pytest.raises(PresetError, match="unknown parameter 'audio/gain/gate_bd'"):
        writer.set({GATE: -30.0, "audio/gain/gate_bd": 1.0})
    assert reader.look()[GATE] == -50.0
