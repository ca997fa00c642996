"""What is meant where an option is left out. A test asserts that what the packages themselves take is the same."""

from fractions import Fraction

from vj.generator.config import EngineChoice

#: A bundled preset, a bundled network.
PRESET, MODEL = "default", "default"
#: What draws the network: the faster one.
ENGINE: EngineChoice = "auto"
SEED = 0
#: Pictures in pixels, width and height: in a window, in a video; and a video's rate in frames a second.
WINDOW_SIZE, VIDEO_SIZE, VIDEO_FPS = (1280, 720), (512, 512), Fraction(30)
#: Inputs of a sound card, from 1 on, and samples a callback.
CHANNELS, BLOCK = (1, 2), 256
OSC_HOST, OSC_PORT, OSC_RATE_HZ, OSC_QUERY_PORT = "127.0.0.1", 7700, 30.0, 7701
#: Of a data set: pixels a side; TIME of shaders in seconds, lowest and highest; share of their inputs' ranges; how much
#: larger they are drawn; RMS of thumbnails 0..255 below which pictures are the same.
DATA_SIDE, DATA_TIME_S, DATA_SPREAD, DATA_SUPERSAMPLE, DATA_DISTINCT = 256, (0.0, 8.0), 1.0, 1, 4.0
#: How far things flow in an endless world, 0..1.
DATA_FLOW = 1.0
#: Thousand pictures from one row of a training's log to the next, and from checkpoint to checkpoint; pictures of its
#: running distance to the data set.
FIGURES_KIMG, SNAPSHOT_KIMG, FID_OF = 1.0, 10.0, 500
#: Of a sheet of a network's pictures; of its measurement.
ROWS, COLUMNS, QUALITY_OF, TRUNCATION = 8, 8, 2000, 1.0
#: Of the bench: side and batch of training, its steps; pictures of the network.
BENCH_TRAINING, BENCH_STEPS, BENCH_FRAMES = (64, 16), 8, 300
#: Of a network that is worked out: how often its mapping sees each colour.
BUILD_EPOCHS = 50
