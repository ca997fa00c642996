"""Hands on a whole show: a controller at a JACK server, keys and clicks in the window, presets that are kept.

The generator is one without a network: half of its blue is noise/sigma.
"""

import threading
import time

import pytest
import screens
from jack import Controller, server, until

from vj.control.midi.mapping import load
from vj.control.parameter_browser import listed
from vj.core import resources
from vj.render.isf.folder import load_folder
from vj.session.session import Session, preset_names

LEFT = (slice(90, 150), slice(30, 130))
RED, KNOB = 0xB0, 21


@pytest.fixture(scope="module")
def jack():
    with server() as one:
        yield one


@pytest.fixture(scope="module")
def screen():
    with screens.virtual() as one:
        yield one


@pytest.fixture
def knobs(jack):
    one = Controller(jack, "box")
    yield one
    one.close()


@pytest.fixture
def play(screen, tiny_model, tmp_path, jack, monkeypatch):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", jack.name)
    running = []

    config = tmp_path / "c"
    (config / "presets").mkdir(parents=True, exist_ok=True)
    for name, sigma in (("plain", 0.25), ("strong", 1.0)):
        (config / "presets" / f"{name}.toml").write_text(f"version = 1\n[values.noise]\nsigma = {sigma}\n")

    def start(**given):
        usual = {"settings": ["stage/transition_s=0"], "midi": "jack", "config": str(config), "preset": "plain"}
        running.append(screens.Play(screen, tiny_model, tmp_path, **{**usual, **given}))
        return running[-1]

    yield start
    for one in running:
        one.__exit__()


def blue(pixels):
    return pixels[LEFT].mean((0, 1))[2]


def is_dream(pixels):
    return pixels[LEFT].mean((0, 1))[1] > 60


def sent(playing, knobs, message, seen):
    """Send until the picture shows it: the server may not have connected it yet, or may drop one."""

    def tried(pixels):
        knobs.send(message)
        time.sleep(0.05)
        return seen(pixels)

    return playing.until(tried)


def turned(playing, knobs, value, seen):
    return sent(playing, knobs, [RED, KNOB, value], seen)


def test_a_knob_is_learnt_turned_and_seen(play, screen, knobs, tmp_path):
    playing = play()
    playing.until(is_dream)
    # The parameters, on the screen; noise/sigma is found by its place.
    screen.key("m")
    place = ids(str(tmp_path / "c" / "presets" / "plain.toml")).index("noise/sigma")
    screen.key(*["Next"] * (place // 18), *["Down"] * (place % 18), "Return")
    mapping = tmp_path / "c" / "midi" / "box.toml"

    def learnt():
        knobs.send([RED, KNOB, 20], 0.02, [RED, KNOB, 30])
        # No more than it can send: what is waiting there would be played long after.
        time.sleep(0.1)
        return mapping.exists()

    until(learnt)
    assert [(c.key, c.target) for c in load(mapping).controls] == [(("cc", 1, KNOB), "noise/sigma")]
    screen.key("m")

    def swept():
        """From above its value to the lower end: wherever it stood, it meets the value on its way."""
        knobs.send([RED, KNOB, 120], 0.05, [RED, KNOB, 0])
        time.sleep(0.5)
        return blue(screen.pixels()) < 10

    until(swept)
    turned(playing, knobs, 127, lambda pixels: blue(pixels) > 200)
    # It is there at the next show, and meets its parameter before it moves it.
    assert playing.end()[0] == 0
    again = play()
    # All of what stood in for the dream has gone.
    again.until(lambda pixels: 20 < blue(pixels) < 60)
    knobs.send(*[x for _ in range(8) for x in ([RED, KNOB, 120], 0.1)])
    time.sleep(1.0)
    assert 20 < blue(screen.pixels()) < 60
    until(swept)
    assert again.end()[0] == 0


def ids(preset):
    """The parameters as the window lists them."""
    shaders = load_folder(resources.shaders_dir())
    return [param.id for param in listed(Session(shaders, preset, (), (preset,)))]


READY = """version = 1
name = "box"
ports = ["box"]
[[control]]
message = "cc"
number = 21
target = "noise/sigma"
takeover = false
light = { kind = "level" }
[[control]]
message = "note"
number = 60
target = "stage/blackout"
mode = "momentary"
light = { on = 9 }
"""


@pytest.fixture
def mapped(tmp_path):
    folder = tmp_path / "c" / "midi"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "box.toml").write_text(READY)


CUES = """version = 1
[[cue]]
preset = "plain"
program = 100
[cue.values]
"noise/sigma" = 0.5
"""


def test_keys_lights_and_program_changes(play, knobs, mapped, tmp_path):
    (tmp_path / "set.toml").write_text(CUES)
    playing = play(cues=str(tmp_path / "set.toml"))
    playing.until(is_dream)
    turned(playing, knobs, 127, lambda pixels: blue(pixels) > 200)
    until(lambda: (RED, KNOB, 127) in knobs.heard)
    sent(playing, knobs, [0x90, 60, 127], lambda pixels: not pixels.any())
    until(lambda: (0x90, 60, 9) in knobs.heard)
    sent(playing, knobs, [0x80, 60, 0], is_dream)
    until(lambda: knobs.heard[-1] == (0x90, 60, 0))
    strong = preset_names(resources.presets_dir(), tmp_path / "c" / "presets").index("strong")
    sent(playing, knobs, [0xC0, strong], lambda pixels: 100 < blue(pixels) < 150)
    until(lambda: knobs.heard[-1] == (RED, KNOB, 32))
    # A cue has the hundredth program, which is 99 on the wire.
    sent(playing, knobs, [0xC0, 99], lambda pixels: 45 < blue(pixels) < 85)
    sent(playing, knobs, [0xC0, strong], lambda pixels: 100 < blue(pixels) < 150)
    status, _, _, report = playing.end()
    assert status == 0
    assert report["drawing"]["preset"] == "strong"


def test_a_midi_clock_rules(play, knobs, mapped):
    """Its ticks arrive; what is made of them is tested where time stands still (test_show_frame)."""
    playing = play(settings=["tempo/source=midi"])
    playing.until(is_dream)
    # From here on its messages arrive.
    turned(playing, knobs, 127, lambda pixels: blue(pixels) > 200)
    over = threading.Event()

    def tick():
        knobs.send([0xFA])
        while not over.wait(12 * 60 / 150 / 24):
            knobs.send(*[x for _ in range(12) for x in ([0xF8], 60 / 150 / 24)])

    # To the end of the show, so that it rules then however late its messages are.
    ticking = threading.Thread(target=tick)
    ticking.start()
    time.sleep(4.0)
    status, _, _, report = playing.end()
    over.set()
    ticking.join()
    assert status == 0
    assert report["clock"]["ruler"] == "midi"


def test_what_is_played_is_saved_and_kept(play, screen, tmp_path):
    playing = play()
    playing.until(is_dream)
    screen.key("s")
    until((tmp_path / "c" / "presets" / "plain_2.toml").exists)
    status, _, err, report = playing.end()
    assert status == 0
    assert report["drawing"]["preset"] == "plain_2"
    assert "saved: " in err
    assert (tmp_path / "c" / "last.toml").exists()
    again = play()
    again.until(is_dream)
    screen.key("k")
    time.sleep(1.0)
    status, _, err, report = again.end()
    assert "key K goes back to what the last show ended with" in err
    assert report["drawing"]["preset"].endswith("previous.toml")
