"""A cue list in a real show: keys, and a file that is edited meanwhile."""

import screens

LIST = """version = 1
[[cue]]
name = "quiet"
preset = "plain"
[[cue]]
name = "loud"
preset = "strong"
seconds = 0.5
[[cue]]
name = "end"
preset = "plain"
"""


def blue(pixels):
    """Half of it is noise/sigma (`fake_generator`)."""
    return pixels[screens.LEFT].mean((0, 1))[2]


def test_keys_go_through_the_list_and_an_edit_stays_in_its_place(play, tmp_path):
    presets, cues = tmp_path / "c" / "presets", tmp_path / "set.toml"
    presets.mkdir(parents=True)
    for name, sigma in {"plain": 0.0, "strong": 1.0}.items():
        (presets / f"{name}.toml").write_text(f"version = 1\n[values.noise]\nsigma = {sigma}\n")
    cues.write_text(LIST)
    playing = play(config=str(tmp_path / "c"), cues=str(cues), preset="plain", settings=["stage/transition_s=0"])
    playing.until(screens.is_dream)
    playing._screen.key("v", "Return")
    # Held, so that it is there to be seen.
    playing.until(lambda pixels: blue(pixels) < 30)
    cues.write_text(LIST + '[[cue]]\nname = "more"\npreset = "strong"\n')
    playing.until_told("set.toml: 4 cues, read again")
    cues.write_text("version = 1\ncue = 3\n")
    playing.until_told("cue: found 3, expected a list")
    playing._screen.key("Return")
    playing.until(lambda pixels: blue(pixels) > 90)
    # Let go of, it ends by itself.
    playing._screen.key("v")
    playing.until(lambda pixels: blue(pixels) < 30)
    status, _, err, report = playing.end()
    assert (status, report["errors"]["failed"]) == (0, {}), err


def test_a_list_that_is_none_is_said_before_the_show(play, tmp_path):
    (tmp_path / "set.toml").write_text('version = 1\n[[cue]]\npreset = "nobody"\n')
    status, _, err, _ = play(cues=str(tmp_path / "set.toml")).end(how=None)
    assert status != 0
    assert "cue 1: unknown preset 'nobody'" in err
