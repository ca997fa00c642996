"""What tests of several folders share."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

# What whoever runs the tests has saved must neither be read nor changed.
os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="vj-tests-")
# JAX, which Keras imports where it is installed, would make TensorFlow talkative in every process that a test starts:
# enough to fill a pipe that nobody reads.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Programs are compiled for one use each: less optimising is faster in all.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")

#: Tests of the network's packages that load no TensorFlow.
PURE = (
    "generator/latents/", "generator/test_generator_importers.py",
    "generator/test_generator_load_tensorflow.py", "generator/test_generator_process.py",
    "generator/test_generator_weights.py", "train/test_train_dataset.py", "train/test_train_dataset_axes.py",
    "train/test_train_teacher.py", "train/test_train_unflattered.py",
)  # fmt: skip
ROOT = Path(__file__).parent
#: Mark → how the names of tests begin that have it, beside those that say so themselves; `make check` leaves them out.
MARKS = {
    "tf": ("bench/", "generator/", "train/"),
    "process": (
        "audio/test_audio_listener.py", "cli/", "clock/test_clock_link.py", "control/midi/test_midi_ports.py",
        "control/osc/test_osc_server.py", "control/panel/test_panel_link.py", "control/panel/test_panel_server.py",
        "generator/test_generator_pool.py",
        "render/output/test_output_video.py", "render/output/test_output_window.py", "render/test_render_gl_child.py",
        "fuzz/test_fuzz_files.py", "runtime/test_runtime_worker.py", "show/", "test_project_package.py",
        "test_project_setup.py",
        "test_docs.py::test_the_shader_page", "test_docs.py::test_the_pictures",
    ),
    "live": (
        "show/test_show_cues.py",
        "show/test_show_faults.py", "show/test_show_hands.py", "show/test_show_hostile.py", "show/test_show_latency.py",
        "show/test_show_machines.py",
        "show/test_show_monitors.py", "show/test_show_morphs.py", "show/test_show_panel.py",
        "show/test_show_panel_load.py", "show/test_show_play.py", "show/test_show_projection.py",
        "show/test_show_sets.py",
        "show/test_show_soak.py",
        "show/test_show_stress.py",
    ),
    "slow": (
        "audio/test_audio_analyser.py::test_the_automatic_gain", "audio/test_audio_analyser.py::test_the_block_size",
        "audio/test_audio_features.py::test_a_breakdown", "audio/test_audio_features.py::test_a_sound_that_was_learnt",
        "audio/test_audio_features.py::test_components_explain", "audio/test_audio_input.py::test_any_part_of_a_file",
        "audio/test_audio_input.py::test_odd_rates", "audio/test_audio_truth.py",
        "control/midi/test_midi_mapping.py::test_mutated", "control/midi/test_midi_messages.py::test_any_bytes",
        "control/osc/test_osc_address_map.py::test_any_arguments", "core/test_core_checked_toml.py::test_trees_made",
        "demo/test_demo_track.py", "fuzz/", "generator/test_generator_importers.py::test_mutated",
        "render/isf/test_isf_in_the_wild.py::test_a_header_as_large",
        "render/isf/test_isf_strange_headers.py::test_anything",
        "render/output/test_output_flashes.py::test_what_violates",
    ),
}  # fmt: skip
#: The same for those that have it not for all that.
UNMARKED = {
    "tf": PURE,
    "process": (
        "show/test_show_cueing.py", "show/test_show_editing.py", "show/test_show_frame.py",
        "show/test_show_panel_facts.py",
        "show/test_show_prover.py", "show/test_show_qr.py", "show/test_show_watch.py",
    ),
}  # fmt: skip

MAKE_MODEL = """
import sys
from pathlib import Path
from vj.generator.arch import Arch
from vj.generator.random_model import random_model
from vj.generator.weights import save_model
arch = Arch(resolution=32, channels=(16, 12, 8, 8), z_dim=32, w_dim=32, mapping_layers=2)
save_model(Path(sys.argv[1]), random_model(arch, seed=1))
"""


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """A 32×32 network with random weights, made in a process of its own: TensorFlow must not come into this one."""
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    subprocess.run([sys.executable, "-c", MAKE_MODEL, str(path)], check=True, timeout=200, capture_output=True)
    return path


def pytest_collection_modifyitems(items):
    for item in items:
        where = f"{item.path.relative_to(ROOT).as_posix()}::{item.nodeid.partition('::')[2]}"
        for mark, places in MARKS.items():
            if where.startswith(places) and not where.startswith(UNMARKED.get(mark, ())):
                item.add_marker(mark)
