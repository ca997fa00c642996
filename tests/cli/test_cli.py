"""The commands as a person types them; every mistake is one line and a non-zero exit."""

import errno
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from vj import cli
from vj.core import resources


def run(capsys, *arguments):
    status = cli.main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def refused(capsys, *arguments):
    """The one line that a refused command says."""
    try:
        status, _, err = run(capsys, *arguments)
    except SystemExit as e:  # argparse
        status, err = e.code, capsys.readouterr().err.strip().splitlines()[-1] + "\n"
    assert status not in (0, None)
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return err


@pytest.fixture
def tone(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.3 * np.sin(np.arange(22050) / 10), 22050)
    return path


def test_params_prints_the_whole_tree(capsys):
    status, out, _ = run(capsys, "params", "--json")
    assert status == 0
    rows = {r["id"]: r for r in json.loads(out)}
    for id in ("motion/slerp_s", "noise/sigma", "bend/rotate/turns", "audio/onset/threshold", "fx/trail/half_life"):
        assert rows[id]["osc"] == "/vj/" + id
        assert rows[id]["doc"], id
    assert rows["audio/components"]["kind"] == "signal"
    assert all(r["lo"] <= r["default"] <= r["hi"] for r in rows.values() if r["kind"] == "continuous")
    assert "motion/slerp_s" in run(capsys, "params")[1]


def test_params_and_analyse_do_not_load_tensorflow(tone, tmp_path):
    for arguments in (["params"], ["analyse", tone, "-o", tmp_path / "a.npz"], ["devices"]):
        code = "import sys; from vj.cli import main; main(sys.argv[1:]); sys.exit('tensorflow' in sys.modules)"
        command = [sys.executable, "-c", code, *map(str, arguments)]
        assert subprocess.run(command, timeout=120, capture_output=True, check=False).returncode == 0


def test_devices_says_what_is_there():
    """In a process of its own: it opens an OpenGL context, and this one may have TensorFlow loaded."""
    command = [sys.executable, "-m", "vj", "devices", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert set(json.loads(done.stdout)) == {
        "audio_inputs",
        "midi_inputs",
        "monitors",
        "opengl",
        "gpus",
        "settings",
        "log",
        "set",
    }


def test_analyse_writes_and_says_what_it_found(capsys, tone, tmp_path):
    status, out, _ = run(capsys, "analyse", tone, "-o", tmp_path / "a.npz", "--plot", tmp_path / "a.png")
    assert status == 0
    assert "tone.wav: 1.0 s" in out
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_model_info(capsys):
    status, out, _ = run(capsys, "model", "info", "default", "--json")
    assert status == 0
    card = json.loads(out)
    assert card["arch"]["resolution"] == 256
    assert {"name", "training", "licence"} <= card.keys()
    assert "GMAC a picture" in run(capsys, "model", "info", "default")[1]
    assert "engine: " in run(capsys, "model", "info", "default")[1]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.wav", None, "no such file"),
        ("empty.mp3", b"", "is empty"),
        ("letter.mp3", b"Dear Sir or Madam,\n" * 99, "not an audio file"),
    ],
)
@pytest.mark.parametrize("command", ["analyse", "render"])
def test_sound_that_is_none(capsys, tmp_path, command, name, content, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    out = tmp_path / ("o.npz" if command == "analyse" else "o.mp4")
    line = refused(capsys, command, tmp_path / name, "-o", out)
    assert says in line
    assert name in line
    assert not out.exists()


def test_a_folder_that_is_gone(tmp_path):
    (tmp_path / "gone").mkdir()
    inside = 'cd "$0" && rmdir "$0" && exec "$1" -m vj shader list'
    path = os.pathsep.join(os.path.abspath(one) for one in sys.path if one)
    done = subprocess.run(
        ["sh", "-c", inside, tmp_path / "gone", sys.executable], env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "vj: the folder in which it was started is gone; expected one that is there\n"


def test_a_network_is_built_into_a_file_of_its_kind_alone(capsys, tmp_path):
    line = refused(capsys, "model", "build", "-o", str(tmp_path / "m.txt"))
    assert line.strip().endswith("m.txt: found the ending '.txt', expected .safetensors")
    assert not list(tmp_path.iterdir())


def test_a_pickle_that_would_run_something(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    class Attack:
        def __reduce__(self):
            return os.system, ("touch RAN",)

    (tmp_path / "evil.pkl").write_bytes(pickle.dumps({"G_ema": Attack()}))
    line = refused(capsys, "model", "import", "evil.pkl", "-o", "m.safetensors")
    assert "system" in line
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.pkl"]


def test_models_that_are_none(capsys, tone, tmp_path):
    default = resources.models_dir() / "default.safetensors"
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(default.read_bytes()[:100_000])
    assert "not a whole safetensors file" in refused(capsys, "model", "info", cut)
    assert "bundled: default" in refused(capsys, "model", "info", "nonesuch")
    line = refused(capsys, "render", tone, "-o", tmp_path / "o.mp4", "--model", cut, "--no-shaders")
    assert "not a whole safetensors file" in line
    assert not list(tmp_path.glob("o*"))


def preset(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = 1\n[values.noise]\nsgima = 1.0\n", "unknown parameter 'noise/sgima'; did you mean 'noise/sigma'?"),
        ("version = 1\ntempo = 3\n", "unknown key 'tempo'"),
        ("version = 1\n[values.noise]\nsigma = 90\n", "noise/sigma: found 90, expected a number 0..4"),
        ('version = 1\nchain = ["blur9"]\n', "unknown shader 'blur9'"),
        ("version = 1\nvalues = [", "not valid TOML"),
    ],
)
def test_presets_that_do_not_fit(capsys, tone, tmp_path, text, says):
    line = refused(capsys, "render", tone, "-o", tmp_path / "o.mp4", "--preset", preset(tmp_path, text))
    assert says in line
    assert "mine.toml" in line


def test_settings_that_do_not_fit(capsys, tone, tmp_path):
    for setting, says in (
        ("noise/sigma", "expected id=value"),
        ("noise/sigma=loud", "'loud'"),
        ("x/y=1", "unknown parameter"),
    ):
        assert says in refused(capsys, "render", tone, "-o", tmp_path / "o.mp4", "--set", setting)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--size", "axb"), ("--size", "63x64"), ("--fps", "0"), ("--fps", "1/0"), ("--seed", "-1"), ("--start", "nan")],
)
def test_options_that_make_no_sense(capsys, tone, tmp_path, option, value):
    line = refused(capsys, "render", tone, "-o", tmp_path / "o.mp4", option, value)
    assert value in line


def test_a_start_past_the_end(capsys, tone, tmp_path):
    line = refused(capsys, "render", tone, "-o", tmp_path / "o.mp4", "--start", "99", "--no-shaders")
    assert "99" in line
    assert not list(tmp_path.glob("o*"))


def test_a_path_that_cannot_be_written(capsys, tone, tmp_path):
    line = refused(capsys, "render", tone, "-o", tmp_path / "no" / "o.mp4", "--no-shaders")
    assert "cannot be written" in line


def test_a_shader_with_a_fault(tmp_path):
    (tmp_path / "bad.fs").write_text('/*{"ISFVSN": "2"}*/\nvoid main() {\n  gl_FragColor = vec4(1.0;\n}\n')
    command = [sys.executable, "-m", "vj", "shader", "check", str(tmp_path / "bad.fs"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    (row,) = json.loads(done.stdout)
    assert not row["ok"]
    assert "bad.fs" in row["file"]
    assert "3" in row["error"]


def test_without_opengl_render_says_what_to_do(tone, tmp_path):
    broken = os.environ | {
        "__EGL_VENDOR_LIBRARY_DIRS": str(tmp_path),
        "LIBGL_DRIVERS_PATH": str(tmp_path),
        "DISPLAY": "",
    }
    command = [sys.executable, "-m", "vj", "render", str(tone), "-o", str(tmp_path / "o.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=broken, check=False)
    assert done.returncode != 0
    assert "--no-shaders" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_console_script_is_installed():
    script = shutil.which("vj", path=str(Path(sys.executable).parent))
    assert script
    assert (
        subprocess.run([script, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
        == "vj 0.1.0\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("play", "--record"),
        ("play", "--report"),
        ("play", "--trace"),
        ("render", "tone.wav", "-o"),
        ("analyse", "tone.wav", "-o", "a.npz", "--plot"),
        ("analyse", "tone.wav", "-o"),
        ("model", "import", "net.pkl", "-o"),
        ("model", "sample", "default", "-o"),
        ("model", "sheet", "default", "-o"),
        ("shader", "render", "a.fs", "--image", "a.png", "-o"),
    ],
)
@pytest.mark.parametrize("name", ["no/such/folder.mp4", "."])
def test_what_is_to_be_written_is_tried_before_anything_starts(capsys, tmp_path, monkeypatch, words, name):
    monkeypatch.chdir(tmp_path)
    # Nothing of what is named is there: so it is the first thing that is found.
    assert f"{name}: cannot be written: " in refused(capsys, *words, name)
    assert not list(tmp_path.iterdir())


def test_a_user_without_a_home_has_no_folder_made(capsys, tone, tmp_path, monkeypatch):
    for name in [name for name in os.environ if name == "HOME" or name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("pwd.getpwuid", dict[int, object]().__getitem__)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert (resources.config_dir(), resources.logs_dir(), resources.cache_dir()) == (None, None, None)
    assert resources.preset_dirs() == (resources.presets_dir(),)
    assert run(capsys, "analyse", tone, "-o", "a.npz")[0] == 0
    assert "no home folder" in refused(capsys, "play", "--remember", "--input", "x")
    assert sorted({*tmp_path.iterdir()} - {*before}) == [tmp_path / "a.npz"]


def test_what_the_system_has_no_more_of_is_one_line(monkeypatch, capsys):
    def short(*_):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE), "/lib/x.py")

    monkeypatch.setattr("vj.session.loading.default_registry", short)
    line = refused(capsys, "params")
    assert line == "vj params: the system gives no more: Too many open files (see `ulimit -a`)\n"


def thumbnails(*words, **environment):
    command = [sys.executable, "-m", "vj", "preset", "thumbnails", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=280, env=os.environ | environment, check=False
    )


def test_presets_without_a_picture_get_one(tiny_model, tmp_path):
    presets = tmp_path / "vj" / "presets"
    presets.mkdir(parents=True)
    for name in ("mine", "other"):
        (presets / f"{name}.toml").write_text('version = 1\nchain = ["grade"]\n')
    (presets / "other.jpg").write_bytes(b"there already")
    done = thumbnails("--model", tiny_model, XDG_CONFIG_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, f"{presets / 'mine.jpg'}\n"), done.stderr
    with Image.open(presets / "mine.jpg") as picture:
        assert picture.size == (320, 180)
        # It was drawn: no even surface.
        assert np.asarray(picture).std() > 2.0
    assert (presets / "other.jpg").read_bytes() == b"there already"
    again = thumbnails("--model", tiny_model, XDG_CONFIG_HOME=str(tmp_path))
    assert (again.returncode, again.stdout) == (0, "every preset of your own has a picture\n")


def test_a_preset_that_is_none_gets_no_picture(capsys, tmp_path):
    assert "'nothing'" in refused(capsys, "preset", "thumbnails", "nothing", "-o", tmp_path)
