"""A screen, and shows on it."""

import pytest
import screens


@pytest.fixture(scope="module")
def screen():
    with screens.virtual() as running:
        yield running


@pytest.fixture
def play(screen, tiny_model, tmp_path):
    """Starts `vj play`; ends it after the test."""
    started = []

    def start(**given):
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(screens.Play(screen, tiny_model, folder, **{"settings": ["noise/sigma=0"], **given}))
        return started[-1]

    yield start
    for one in started:
        one.__exit__()
