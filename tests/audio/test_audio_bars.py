"""Where bars begin: by harmony, by what a network says, and not at all while nothing tells."""

import numpy as np
import pytest
from sounds import RATE_HZ, chord, pulse_train

from vj.audio.analyser import Analyser
from vj.audio.bars import Bars
from vj.audio.features import PARAMS
from vj.clock.beat_clock import SURE_OF_BAR

P = {p.id: p.default for p in PARAMS}
CHORDS = ((220, 277, 330), (196, 247, 294), (262, 330, 392), (175, 220, 262))


def judged(beats, harmony=None, downbeat=None):
    """(position, confidence) at each of so many beats, of given pitch classes f32[12] and downbeats' probabilities."""
    bars, seen = Bars(), []
    for number in range(beats):
        bars.beat(number, number * 0.5)
        chroma = harmony(number) if harmony else np.ones(12, np.float32)
        for phase in np.arange(0.05, 1.0, 0.1):
            bars.listen(phase, chroma, np.tile(chroma, 4))
        if downbeat:
            bars.learn(number * 0.5 + 0.01, downbeat(number))
        seen.append((bars.position(number), bars.confidence))
    return seen


def test_harmony_tells_where_a_bar_begins():
    rng = np.random.default_rng(0)
    chords = rng.random((40, 12)).astype(np.float32)
    seen = judged(64, lambda number: chords[(number - 2) // 4])
    assert seen[-1][1] > 0.9
    assert all(position == ((number - 2) % 4) / 4 for number, (position, _) in enumerate(seen) if number > 24)


def test_so_does_learnt_evidence():
    seen = judged(64, downbeat=lambda number: 0.6 if number % 4 == 3 else 0.05)
    assert seen[-1][1] > 0.9
    assert seen[-1][0] == 0.0


def test_what_tells_nothing_moves_nothing():
    rng = np.random.default_rng(1)
    seen = judged(400, lambda number: rng.random(12).astype(np.float32), lambda number: rng.random())
    positions = np.array([position * 4 - number for number, (position, _) in enumerate(seen)]) % 4
    confidence = np.array([c for _, c in seen])
    assert np.median(confidence) < SURE_OF_BAR
    moved = np.flatnonzero(np.diff(positions))
    assert (confidence[moved + 1] >= SURE_OF_BAR).all()
    assert judged(100)[-1][1] == 0.0


@pytest.mark.parametrize("first", [0, 1])
def test_on_sound(first):
    """A chord a bar over clicks, the first chord `first` beats long."""
    sound, times_s = pulse_train(120, 30.0)
    for i in range(16):
        begin, end = (round((times_s[0] + 0.5 * max(4 * n - 4 + first, 0)) * RATE_HZ) for n in (i, i + 1))
        notes = chord(CHORDS[i % 4], 2.1, gain=0.08)[: max(min(end, len(sound)) - begin, 0)]
        sound[begin : begin + len(notes)] += notes
    rows = Analyser(RATE_HZ).process(sound, P)
    late = rows[(rows["t_s"] > 18) & (rows["beat"] > 0)]
    expected = np.rint((late["beat_t_s"] - times_s[0]) / 0.5 - first) % 4
    assert late["bar_confidence"].mean() >= SURE_OF_BAR
    assert np.array_equal(np.rint(late["bar"] * 4) % 4, expected)
