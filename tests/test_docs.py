"""Pages that are made from the code are as the code is; what the README shows exists."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vj import cli

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["parameters", "actions", "bend"])
def test_the_page_of_the_table_is_up_to_date(name):
    command = [sys.executable, f"scripts/{name}_page.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr + f"run scripts/{name}_page.py"


def test_the_shader_page_is_up_to_date():
    command = [sys.executable, "scripts/shader_gallery.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr + "run scripts/shader_gallery.py"


def test_the_pictures_of_the_shader_page_are_drawn(tmp_path):
    command = [sys.executable, "scripts/shader_gallery.py", "--only", "lens", "fade", "--to", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    for name in ("lens", "fade"):
        with Image.open(tmp_path / f"{name}.jpg") as now, Image.open(ROOT / f"docs/images/shaders/{name}.jpg") as then:
            assert now.size == then.size
            # Other drivers round otherwise.
            assert np.abs(np.asarray(now, int) - np.asarray(then, int)).mean() < 6


def test_the_page_on_playing_knows_every_preset():
    page = (ROOT / "docs/playing.md").read_text(encoding="utf-8")
    for path in (ROOT / "presets").glob("*.toml"):
        assert f"| `{path.stem}` | {tomllib.loads(path.read_text())['doc']} |" in page


@pytest.mark.parametrize("page", [p.relative_to(ROOT) for p in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))], ids=str)
def test_a_page_names_what_is_there(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for name in set(re.findall(r"`((?:vj|tests|scripts|docs)/[\w/]+\.(?:py|toml|md|sh))`", text)):
        assert (ROOT / name).exists() or "NAME" in name, f"{page}: there is no {name}"


def test_the_way_through_the_house_leads_to_functions():
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    found = re.findall(r"`([A-Za-z_.]+)` in `(vj/[\w/]+\.py)`", page)
    assert len(found) > 8
    for name, path in found:
        text = (ROOT / path).read_text(encoding="utf-8")
        for part in name.split("."):
            assert re.search(rf"(?m)^ *((def|class) {part}\b|{part}\b.*=)", text), f"{path} has no {name}"


def test_every_link_and_picture_of_the_readme_is_there():
    for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_every_command_of_the_readme_is_one(capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"`vj ([a-z]+)", text)) | set(re.findall(r"bin/vj ([a-z]+)", text)):
        with pytest.raises(SystemExit) as left:
            cli.main([name, "--help"])
        assert left.value.code == 0
        assert capsys.readouterr().out
