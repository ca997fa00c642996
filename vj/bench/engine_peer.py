"""Runs stylegan2-ada-pytorch for `vj.bench.engine`, in a Python of its own that has PyTorch but not vj.

`python engine_peer.py CHECKOUT NETWORK.npz PICTURE.npy`: builds the checkout's generator, gives it the weights of the
.npz (tensors by name, `ws`, and `arch` as JSON), writes the float picture with constant noise, says "ready", and then
answers each line "N" with a JSON list of N frame times in milliseconds: synthesis and conversion to 8 bits.
"""

import json
import sys
import time
import warnings
from typing import Any

import numpy as np


def generator(found: Any, arch: dict[str, Any]) -> Any:
    """The checkout's network with the weights in `found`."""
    import torch
    from training.networks import Generator

    sides = [4 << i for i in range(len(arch["channels"]))]
    network = Generator(
        z_dim=arch["z_dim"],
        c_dim=arch["c_dim"],
        w_dim=arch["w_dim"],
        img_resolution=arch["resolution"],
        img_channels=3,
        mapping_kwargs={"num_layers": arch["mapping_layers"]},
        synthesis_kwargs={
            "channel_base": arch["channels"][-1] * sides[-1],
            "channel_max": max(arch["channels"]),
            "architecture": arch["architecture"],
            "conv_clamp": arch["conv_clamp"] or None,
        },
    )
    tensors = {k: torch.from_numpy(found[k]) for k in found.files if k not in ("arch", "ws")}
    missing, unexpected = network.load_state_dict(tensors, strict=False)
    assert not unexpected, unexpected
    assert all(name.endswith("resample_filter") for name in missing), missing
    return network.eval().requires_grad_(False)


def main() -> None:
    """See the module."""
    checkout, network_file, picture_file = sys.argv[1:]
    sys.path.insert(0, checkout)
    warnings.filterwarnings("ignore")
    import torch

    found = np.load(network_file)
    network = generator(found, json.loads(str(found["arch"])))
    ws = torch.from_numpy(found["ws"])

    def frame() -> Any:
        picture = network.synthesis(ws, noise_mode="const")
        return picture, (picture.permute(0, 2, 3, 1) * 127.5 + 128).clamp(0, 255).to(torch.uint8).numpy()

    with torch.inference_mode():
        np.save(picture_file, frame()[0][0].permute(1, 2, 0).numpy())
        print("ready", flush=True)
        for line in sys.stdin:
            times_ms = []
            for _ in range(int(line)):
                began = time.perf_counter()
                frame()
                times_ms.append(1e3 * (time.perf_counter() - began))
            print(json.dumps(times_ms), flush=True)


if __name__ == "__main__":
    main()
