# make demo and make test need Python, pip and make; they set up the rest in .venv and, where they may, with apt-get.
# BUILD=cpu or BUILD=gpu chooses the TensorFlow (otherwise: gpu where NVIDIA's driver is); PYTHON=… the interpreter.

BUILD ?= auto
PYTHON ?= $$(sh scripts/find_python.sh)
RUN = .venv/bin
SETUP = python=$(PYTHON) && "$$python" scripts/environment.py
CODE = vj tests scripts

.PHONY: help demo test check docs lint bench soak faults stress morphs latency panels quality model dream lock clean setup

help: ## what there is to make
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

demo: .venv/ready-$(BUILD) ## show the instrument: a window, or without a display out/demo.mp4 and out/demo.png
	@$(RUN)/vj demo

# Three runs, each on two cores: what computes; what draws, which must not be in one process with TensorFlow; what plays
# against the clock, which waits as long as it computes, so that three go on at once. There a file stays in one process,
# and those that take longest come first.
IN_TIME = tests/show tests/audio/test_audio_listener.py tests/generator/test_generator_pool.py $(PEERS:%=tests/%.py) tests/runtime tests/cli
PEERS = clock/test_clock_link control/midi/test_midi_ports control/osc/test_osc_server control/panel/test_panel_server \
	control/panel/test_panel_link
DRAWS = tests/render
test: .venv/ready-dev-$(BUILD) ## run every test
	@failed=0; \
	$(RUN)/python -m pytest -n 2 --dist worksteal $(IN_TIME:%=--ignore=%) $(DRAWS:%=--ignore=%) || failed=1; \
	$(RUN)/python -m pytest -n 2 --dist worksteal $(DRAWS) || failed=1; \
	$(RUN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(IN_TIME) || failed=1; \
	exit $$failed

# The inner loop: nothing that draws, loads TensorFlow, starts a process or takes long.
check: .venv/ready-dev-$(BUILD) ## lint, types and the pure tests, in under a minute
	@$(MAKE) --no-print-directory lint
	$(RUN)/python -m pytest -q -n 2 --dist worksteal -m "not (gl or process or tf or live or slow)"

docs: .venv/ready-dev-$(BUILD) ## write the generated pages and their pictures anew
	$(RUN)/python scripts/parameters_page.py
	$(RUN)/python scripts/actions_page.py
	$(RUN)/python scripts/bend_page.py
	$(RUN)/python scripts/shader_gallery.py
	$(RUN)/python scripts/preset_sheet.py
	$(RUN)/vj model directions default -o docs/images/directions.jpg

lint: .venv/ready-dev-$(BUILD) ## ruff and mypy
	$(RUN)/ruff check $(CODE)
	$(RUN)/ruff format --check $(CODE)
	$(RUN)/mypy

bench: .venv/ready-$(BUILD) ## measure the network on this machine
	@$(RUN)/vj bench --engine

soak: .venv/ready-dev-$(BUILD) ## the ears beside a load for five minutes, then a show for thirty; or each for SOAK_S=…
	VJ_SOAK_S=$(or $(SOAK_S),300) $(RUN)/python -m pytest -q -s -o timeout=0 tests/audio/test_audio_listener.py -k beside_a_load
	VJ_SOAK_S=$(or $(SOAK_S),1800) VJ_SOAK_MODEL=models/default.safetensors $(RUN)/python -m pytest -q -s -o timeout=0 tests/show/test_show_soak.py

morphs: .venv/ready-dev-$(BUILD) ## a hundred presets come and go, twice, with the default model
	VJ_MORPHS=100 VJ_MORPHS_MODEL=models/default.safetensors $(RUN)/python -m pytest -q -s -o timeout=0 tests/show/test_show_morphs.py

faults: .venv/ready-dev-$(BUILD) ## everything that can fail at a show, three times, with the default model
	VJ_FAULTS_MODEL=models/default.safetensors $(RUN)/python -m pytest -q -s -o timeout=0 tests/show/test_show_faults.py

stress: .venv/ready-dev-$(BUILD) ## a minute (STRESS_S=…) of presets, knobs and kills without a rest, with the default model
	VJ_STRESS_S=$(or $(STRESS_S),60) VJ_STRESS_MODEL=models/default.safetensors $(RUN)/python -m pytest -q -s -o timeout=0 tests/show/test_show_stress.py

latency: .venv/ready-dev-$(BUILD) ## from the air to the screen through a sound server, with the default model
	VJ_LATENCY_MODEL=models/default.safetensors $(RUN)/python -m pytest -q -s -o timeout=0 tests/show/test_show_latency.py -k screen

panels: .venv/ready-dev-$(BUILD) ## four panels, then 10,000 hostile requests, beside a show with the default model
	VJ_PANELS_MODEL=models/default.safetensors VJ_PANELS_S=$(or $(PANELS_S),60) VJ_PANELS_REQUESTS=10000 \
		$(RUN)/python -m pytest -q -s -o timeout=0 tests/show/test_show_panel_load.py

quality: .venv/ready-dev-$(BUILD) ## measure the default model beside luminous liquid, and the ears on every annotated clip
	$(RUN)/vj dataset -o out/liquid --world --per-source 600
	$(RUN)/vj model quality default --data out/liquid --n 600 -o out/quality.jpg
	$(RUN)/vj model sheet default --rows 4 --columns 8 --between z -o out/between.jpg
	VJ_LONGEST_CLIP_S=1000 $(RUN)/python -m pytest -q -s -o timeout=0 tests/audio/test_audio_truth.py

# Hours to days, at the lowest priority: the world is drawn while a network is trained on it. Every snapshot is kept in
# models/next.training, from which the same command goes on, on any machine.
WORLD = out/world
SCHEDULE = teach@16x32:2000k,teach@32x32:400k,sharpen@32x32:600k,sharpen@64x16:600k,detail@128x16:200k,detail@256x16:100k
model: .venv/ready-dev-$(BUILD) ## work the default model out anew, some minutes
	$(RUN)/vj model build -o models/default.safetensors

dream: .venv/ready-dev-$(BUILD) ## train a network on pictures of luminous liquid; again, it goes on where it stopped
	nice -n 19 $(RUN)/vj dataset -o $(WORLD) --world --endless --keep 1000000
	nice -n 19 $(RUN)/vj train $(WORLD) -o out/model --schedule $(SCHEDULE) --teach-rate 0.002 --hold-noise \
		--gamma 10 --mixing 0 --snapshot-kimg 20 --fid 0 --keep models/next.training

setup: .venv/ready-dev-$(BUILD) ## only the environment

lock: ## pin all dependencies anew (needs uv); ARGS=--upgrade takes the newest
	sh scripts/lock.sh $(ARGS)

clean: ## remove the environment and everything made
	rm -rf .venv out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find $(CODE) -name __pycache__ -type d -exec rm -rf {} +

.venv/ready-$(BUILD): pyproject.toml requirements/build.lock requirements/cpu.lock requirements/gpu.lock scripts/environment.py scripts/system_packages.py
	@$(SETUP) use $(BUILD)
	@touch $@

.venv/ready-dev-$(BUILD): .venv/ready-$(BUILD) requirements/dev.lock requirements/measure.lock
	@$(SETUP) dev $(BUILD)
	@touch $@
