"""From the air to the screen: clicks played into a sound server without a sound card, pixels looked at."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import jack
import numpy as np
import pytest
import screens

from vj.bench.live import BEAT_PATHS, HANDS, PATHS, RATE_HZ, Clicks, answers, landings, write_beats, write_clicks
from vj.params.bounds import to_norm
from vj.session.loading import default_registry

sys.path.append(str(Path(__file__).parents[1] / "audio"))
import pulse

MEASURE = """
import json, sys
from pathlib import Path

if __name__ == "__main__":
    from vj.audio.input.sound_card import Input
    from vj.bench import live
    model, preset, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    measure = {"light": live.light, "beat": live.on_beat}[sys.argv[5]]
    print(json.dumps(measure(Input("pulse", rate_hz=live.RATE_HZ), model, preset, count, sys.argv[4])))
"""
#: With VJ_LATENCY_MODEL set, the real generator and that network are measured, with more clicks.
MODEL = os.environ.get("VJ_LATENCY_MODEL")
#: The generators without a network, and whatever vj is tried here.
PYTHON_PATH = os.pathsep.join(filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")]))


HAND = """
import json, sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.append(sys.argv[5])
    from vj.show import app
    from vj.audio.input.virtual import Virtual
    from vj.control.midi.ports import MidiConfig
    from vj.bench import live
    model, preset, count, path = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[6]
    if sys.argv[7] == "osc":
        print(json.dumps(live.by_osc(model, preset, path, count, sys.argv[4])))
    else:
        import os
        from jack import Controller, Server
        box = Controller(Server(os.environ["JACK_DEFAULT_SERVER"], None), "box")
        playing = app.ShowConfig(
            Virtual(gain_db=float("-inf")), model, str(preset), spare=False, job=sys.argv[4], midi=MidiConfig("jack"),
            config=preset.parent,
        )
        print(json.dumps(live.hand(playing, lambda on: box.send([0xB0, 21, 127 * on]), count, 8.0)))
        box.close()
"""
MAPPING = """version = 1
ports = ["box"]
[[control]]
message = "cc"
number = 21
target = "{}"
lo = {}
hi = {}
takeover = false
"""


def enough(clicks):
    """How many are to be answered in time.

    Nothing else moves the picture, so two are no chance; on a busy machine the others may be late, which is judged by
    `make latency`.
    """
    return 0.8 * clicks if MODEL else min(clicks, 2)


# How long the network takes is a matter of the real one.
@pytest.mark.parametrize("way", ["osc", "midi"])
@pytest.mark.parametrize("path", PATHS if MODEL else ["shaders"])
def test_from_the_hand_to_the_screen(tmp_path, tiny_model, path, way):
    count = 40 if MODEL else 5
    (tmp_path / "preset.toml").write_text(PATHS[path])
    (tmp_path / "hand.py").write_text(HAND)
    (tmp_path / "midi").mkdir()
    id, low, high = HANDS[path]
    param = default_registry()[id]
    (tmp_path / "midi" / "box.toml").write_text(MAPPING.format(id, to_norm(param, low), to_norm(param, high)))
    model, job = (MODEL, "vj.generator.process") if MODEL else (tiny_model, "fake_generator")
    here = Path(__file__).parent
    arguments = [model, tmp_path / "preset.toml", count, job, here.parent / "control", path, way]
    # What is measured is not to wait for the server.
    midi = jack.server(256 if MODEL else jack.PERIOD) if way == "midi" else contextlib.nullcontext()
    with screens.virtual(640, 360) as screen, midi as server:
        done = subprocess.run(
            [sys.executable, str(tmp_path / "hand.py"), *map(str, arguments)],
            env={**screen.environment(), **({"JACK_DEFAULT_SERVER": server.name} if server else {}),
                 "PYTHONPATH": PYTHON_PATH},
            capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    print(path, way, found)
    assert found["seen"] >= enough(found["clicks"])


def test_clicks_are_found_where_they_are(tmp_path):
    import soundfile

    sound, rate = soundfile.read(write_clicks(tmp_path / "clicks.wav", 5), dtype="float32")
    clicks = Clicks()
    for at in range(0, len(sound), 256):
        clicks.block(sound[at : at + 256], 100.0 + at / rate, rate)
    begins = np.flatnonzero(
        (np.abs(sound) > 0.05) & (np.convolve(np.abs(sound) > 0.05, np.ones(2000), "full")[: len(sound)] < 2)
    )
    assert len(clicks.times_s) == 5
    np.testing.assert_allclose(clicks.times_s, 100.0 + begins / RATE_HZ, atol=1e-9)


def test_answers_are_the_first_pictures_that_differ():
    shown = np.arange(100) * 0.02
    pictures = np.zeros((100, 3, 4, 3), np.float32)
    pictures[30:40] = 50
    pictures[77] = 2.0
    took = answers(np.array([0.495, 1.5, 1.99]), shown, pictures)
    np.testing.assert_allclose(took, [0.105])


def test_landings_are_half_way_up():
    shown = np.arange(200) * 0.01
    pictures = np.zeros((200, 3, 4, 3), np.float32)
    pictures[49], pictures[50], pictures[51:60] = 20.0, 60.0, 100.0
    pictures[148:160] = 80.0
    late = landings(np.array([0.1, 0.493, 1.0, 1.5, 1.9]), shown, pictures)
    np.testing.assert_allclose(late, [0.007, -0.02], atol=1e-9)


@pytest.mark.parametrize("path", PATHS)
def test_from_the_air_to_the_screen(tmp_path, tiny_model, path):
    found = measured(tmp_path, tiny_model, "light", PATHS[path], write_clicks(tmp_path / "clicks.wav", 400))
    print(path, found)
    assert found["seen"] >= enough(found["clicks"])


# How long the network takes is a matter of the real one.
@pytest.mark.parametrize("path", BEAT_PATHS if MODEL else ["shaders"])
def test_beats_are_on_the_screen_when_they_are_in_the_air(tmp_path, tiny_model, path):
    found = measured(tmp_path, tiny_model, "beat", BEAT_PATHS[path], write_beats(tmp_path / "beats.wav", 120.0))
    print(path, found)
    assert found["seen"] >= enough(found["clicks"] - 2)
    # Beside other work frames come when they can: how late is judged by `make latency`, with the machine to itself.
    if MODEL:
        assert abs(found["p50"]) <= 8.0


def measured(tmp_path, tiny_model, what, preset, sound):
    """What `vj.bench.live` finds for a preset while a sound is played."""
    if not pulse.is_there():
        assert "CI" not in os.environ, "CI must have PulseAudio"
        pytest.skip("PulseAudio is not installed")
    count = 40 if MODEL else 5
    (tmp_path / "preset.toml").write_text(preset)
    (tmp_path / "measure.py").write_text(MEASURE)
    model, job = (MODEL, "vj.generator.process") if MODEL else (tiny_model, "fake_generator")
    arguments = [model, tmp_path / "preset.toml", count, job, what]
    with screens.virtual(640, 360) as screen, pulse.pulse(tmp_path) as server:
        server.play(sound)
        done = subprocess.run(
            [sys.executable, str(tmp_path / "measure.py"), *map(str, arguments)],
            env={**screen.environment(), **server.environment, "PYTHONPATH": PYTHON_PATH},
            capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["clicks"] >= count - 3
    return found
