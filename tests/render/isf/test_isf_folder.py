"""The contract of every filter in shaders/: it parses, draws, is neutral where it says so, and moves as it says."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from render_pictures import colourful, defaults, drawn

from vj.core.errors import ShaderError
from vj.render.compositing.chain import Chain
from vj.render.isf.folder import load_folder, load_with_own
from vj.render.isf.shader import identity_of, params_of

FOLDER = Path(__file__).parents[3] / "shaders"
SHADERS = load_folder(FOLDER)
SIZE = (96, 64)
MOVING = ("flow_noise", "radial_zoom", "kaleido", "grade")

every = pytest.mark.parametrize("name", [name for name, shader in SHADERS.items() if shader.kind == "filter"])


def show(ctx: Any, name: str, p: dict[str, float], frames: int = 1, fps: float = 30.0, size: Any = SIZE) -> np.ndarray:
    chain = Chain(ctx, [SHADERS[name]], size)
    for frame in range(frames):
        out = drawn(chain, colourful(*size), p, frame, fps)
    chain.release()
    return out.astype(int)


def test_there_are_some() -> None:
    assert {"flow_noise", "radial_zoom", "trail"} <= set(SHADERS)


@every
def test_the_header_tells_the_performer_what_it_is(name: str) -> None:
    shader = SHADERS[name]
    assert shader.description
    assert shader.credit
    assert shader.categories
    assert all(i.label for i in shader.inputs if i.ids)
    assert any(i.identity for i in shader.inputs)
    for row in params_of(shader):
        assert row.doc
        assert row.lo <= row.default <= row.hi


@every
@pytest.mark.gl
@pytest.mark.parametrize("frames", [1, 5])
def test_neutral_is_the_picture_itself(ctx: Any, name: str, frames: int) -> None:
    out = show(ctx, name, identity_of(SHADERS[name]), frames)
    assert np.abs(out - colourful(*SIZE)[..., :3]).max() <= 1


@every
@pytest.mark.gl
def test_the_default_is_seen(ctx: Any, name: str) -> None:
    chain, p = Chain(ctx, [SHADERS[name]], SIZE), defaults(SHADERS[name])
    t_s = np.arange(1600)[:, None] / 48_000
    sound = (0.5 * np.sin(2 * np.pi * np.array([[110.0, 165.0]]) * t_s)).astype(np.float32)
    for frame in range(3):
        picture = np.roll(colourful(*SIZE), 6 * frame, 1)
        chain.draw(picture, frame / 30, 1 / 30, frame, p, sound=sound)
    out = chain.read_rgb()
    chain.release()
    assert np.abs(out.astype(int) - picture[..., :3]).mean() > 1


@every
@pytest.mark.gl
def test_every_input_at_both_ends_draws_something(ctx: Any, name: str) -> None:
    usual = defaults(SHADERS[name])
    for row in params_of(SHADERS[name]):
        for value in (row.lo, row.hi):
            out = show(ctx, name, usual | {row.id: value}, 2)
            assert out.std() > 0.5 or row.id.endswith(("exposure", "tint/r", "tint/g", "tint/b")), (row.id, value)


@every
@pytest.mark.gl
def test_same_frames_same_pictures(ctx: Any, name: str) -> None:
    p = defaults(SHADERS[name])
    assert (show(ctx, name, p, 4) == show(ctx, name, p, 4)).all()


@pytest.mark.gl
@pytest.mark.parametrize("name", MOVING)
def test_a_still_picture_moves(ctx: Any, name: str) -> None:
    p = defaults(SHADERS[name])
    assert np.abs(show(ctx, name, p, 1) - show(ctx, name, p, 20)).mean() > 0.5


@pytest.mark.gl
@pytest.mark.parametrize("name", ["flow_noise", "radial_zoom", "kaleido", "trail"])
def test_the_frame_rate_does_not_change_the_look(ctx: Any, name: str) -> None:
    p = defaults(SHADERS[name])
    slow, fast = show(ctx, name, p, 24, 24.0), show(ctx, name, p, 60, 60.0)
    still = show(ctx, name, p, 1)
    # One second at 24 and at 60 frames: nearer to one another than the first frame is to either.
    assert np.abs(slow - fast).mean() < 0.35 * np.abs(slow - still).mean()


@pytest.mark.gl
def test_a_change_of_speed_does_not_make_the_flow_jump(ctx: Any) -> None:
    p = defaults(SHADERS["flow_noise"])
    chain = Chain(ctx, [SHADERS["flow_noise"]], SIZE)
    pictures = []
    for frame in range(40):
        speed = 0.1 if frame < 20 else 0.2
        pictures.append(drawn(chain, colourful(*SIZE), p | {"fx/flow_noise/speed": speed}, frame).astype(int))
    chain.release()
    steps = [np.abs(b - a).mean() for a, b in pairwise(pictures)]
    assert max(steps[18:22]) < 3 * max(steps[:18])


@pytest.mark.gl
def test_a_trail_loses_half_its_light_in_its_half_life(ctx: Any) -> None:
    p = defaults(SHADERS["trail"], amount=1.0, half_life=0.5, zoom=0.0, rotate=0.0, hue=0.0)
    chain = Chain(ctx, [SHADERS["trail"]], (8, 8))
    white, black = np.full((8, 8, 4), 255, np.uint8), np.zeros((8, 8, 4), np.uint8)
    for fps in (20, 50):
        drawn(chain, white, p, 0, fps)
        for frame in range(1, fps // 2 + 1):
            out = drawn(chain, black, p, frame, fps)
        assert abs(int(out[4, 4, 0]) - 128) <= 1, fps
    chain.release()


def test_a_bundled_folder_is_read_whole_or_not(tmp_path: Path) -> None:
    (tmp_path / "Trail.fs").write_text("/*{}*/ void main() {}")
    (tmp_path / "notes.txt").write_text("not a shader")
    assert list(load_folder(tmp_path)) == ["trail"]
    (tmp_path / "bad.fs").write_text("/*{:}*/")
    with pytest.raises(ShaderError, match=r"bad\.fs: line 1: the header is not JSON"):
        load_folder(tmp_path)
    for read in (load_folder, lambda folder: load_with_own(FOLDER, [folder])):
        with pytest.raises(ShaderError, match="no such folder"):
            read(tmp_path / "none")


def test_own_shaders_have_names_of_their_own(tmp_path: Path) -> None:
    own = tmp_path / "My ISF"
    for name in ("Bloom", "a/Ring", "b/Ring", "c/b/Ring", "Own", "波", "bad", "sloppy"):
        path = own / f"{name}.fs"
        path.parent.mkdir(parents=True, exist_ok=True)
        header = {"bad": "{:}", "sloppy": '{"A": 1,}'}.get(name, '{"INPUTS": [{"NAME": "size", "TYPE": "float"}]}')
        path.write_text(f"/*{header}*/ void main() {{}}")
    shaders, told = load_with_own(FOLDER, [own, own / "b"])
    files = {name: Path(one.file).relative_to(own) for name, one in shaders.items() if one.file.startswith(str(own))}
    assert {name: str(path) for name, path in files.items()} == {
        "my_isf_bloom": "Bloom.fs", "ring": "a/Ring.fs", "b_ring": "b/Ring.fs", "b_ring_2": "c/b/Ring.fs",
        "own": "Own.fs", "x": "波.fs", "sloppy": "sloppy.fs",
    }  # fmt: skip
    assert list(shaders) == sorted(shaders)
    assert shaders["bloom"] == SHADERS["bloom"]
    assert [row.id for row in params_of(shaders["b_ring_2"])] == ["fx/b_ring_2/size"]
    assert [line.replace(str(own), "OWN").replace(str(FOLDER), "VJ") for line in told] == [
        "OWN/Bloom.fs: bloom is the name of VJ/bloom.fs; this one is my_isf_bloom",
        "OWN/b/Ring.fs: ring is the name of OWN/a/Ring.fs; this one is b_ring",
        "OWN/bad.fs: line 1: the header is not JSON: Expecting property name enclosed in double quotes, column 2",
        "OWN/c/b/Ring.fs: ring is the name of OWN/a/Ring.fs; this one is b_ring_2",
        "OWN: 1 of its shaders read with repairs; vj shader check says which",
    ]


@pytest.mark.parametrize("name", ["Bloom", "Trail", "Grade", "Fade"])
def test_bundled_presets_keep_their_shaders_beside_own_ones_of_their_names(tmp_path: Path, name: str) -> None:
    from vj.core import resources
    from vj.session.loading import load_with

    (tmp_path / f"{name}.fs").write_text("/*{}*/ void main() {}")
    shaders, _ = load_with_own(FOLDER, [tmp_path])
    for path in resources.presets_dir().glob("*.toml"):
        assert all(Path(one.file).parent == FOLDER for one in load_with(shaders, path.stem).chain)


@pytest.mark.gl
@pytest.mark.parametrize("name", [name for name, shader in SHADERS.items() if shader.kind == "transition"])
def test_a_transition_begins_and_ends_with_the_pictures_themselves(ctx: Any, name: str) -> None:
    from vj.render.compositing.transition import Transition
    from vj.render.isf.filter import Compiled, Moment

    pictures = colourful(*SIZE, seed=1), colourful(*SIZE, seed=2)
    chains = [Chain(ctx, [], SIZE) for _ in pictures]
    for chain, picture in zip(chains, pictures, strict=True):
        drawn(chain, picture, {})
    compiled = Compiled(ctx, SHADERS[name])
    crossing, p = Transition(compiled, SIZE), defaults(SHADERS[name])
    seen = []
    for progress in (0.0, 0.25, 0.5, 0.75, 1.0):
        moment = Moment(progress, 0.25, 0, (2000.0, 1.0, 1.0, 0.0))
        crossing.draw(chains[0].texture, chains[1].texture, moment, p, progress)
        seen.append(crossing.read_rgb().astype(int))
    for thing in (crossing, compiled, *chains):
        thing.release()
    assert np.abs(seen[0] - pictures[0][..., :3]).max() <= 1
    assert np.abs(seen[-1] - pictures[1][..., :3]).max() <= 1
    left = [np.abs(picture - pictures[0][..., :3]).mean() for picture in seen]
    assert (np.diff(left) > 0).all()
