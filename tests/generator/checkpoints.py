"""Checkpoints as rosinality's stylegan2-pytorch trains and torch.save writes them, without PyTorch."""

import io
import pickle
import zipfile

import numpy as np

from vj.generator.weights import Model

_BLUR = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 16.0


def generator(model: Model) -> dict[str, np.ndarray]:
    """A model of ours, which draws by "skip" and without labels, under their names and in their shapes."""
    arch, t, out = model.arch, model.tensors, {}
    for i in range(arch.mapping_layers):
        out |= {f"style.{i + 1}.{kind}": t[f"mapping.fc{i}.{kind}"] for kind in ("weight", "bias")}
    out["input.input"] = t["synthesis.b4.const"][None]
    for layer, side in enumerate(arch.noise_sides):
        ours, theirs = f"synthesis.b{side}.conv{(layer + 1) % 2}.", f"convs.{layer - 1}." if layer else "conv1."
        out[theirs + "conv.weight"] = t[ours + "weight"][None]
        out[theirs + "activate.bias"] = t[ours + "bias"]
        out[theirs + "noise.weight"] = t[ours + "noise_strength"].reshape(1)
        out |= {f"{theirs}conv.modulation.{kind}": t[f"{ours}affine.{kind}"] for kind in ("weight", "bias")}
        out[f"noises.noise_{layer}"] = t[ours + "noise_const"][None, None]
        if layer % 2:
            out[theirs + "conv.blur.kernel"] = _BLUR
    for block, side in enumerate(arch.resolutions):
        ours, theirs = f"synthesis.b{side}.torgb.", f"to_rgbs.{block - 1}." if block else "to_rgb1."
        out[theirs + "conv.weight"] = t[ours + "weight"][None]
        out[theirs + "bias"] = t[ours + "bias"][None, :, None, None]
        out |= {f"{theirs}conv.modulation.{kind}": t[f"{ours}affine.{kind}"] for kind in ("weight", "bias")}
    return out


class Call:
    """Pickles as a call of any global, without that global having to exist."""

    def __init__(self, name, *args):
        self.name, self.args = name, args


class _Storage:
    def __init__(self, key, size):
        self.id = ("storage", Call("torch.FloatStorage"), key, "cpu", size)


class _Pickler(pickle._Pickler):
    def persistent_id(self, obj):
        return obj.id if isinstance(obj, _Storage) else None

    def save(self, obj, save_persistent_id=True):
        if not isinstance(obj, Call):
            return super().save(obj, save_persistent_id)
        module, _, name = obj.name.rpartition(".")
        self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
        if obj.args:
            super().save(obj.args)
            self.write(pickle.REDUCE)
        return None


def saved(tree, how=zipfile.ZIP_STORED):
    """The bytes that torch.save would write of a tree of dicts, lists, plain values and arrays."""
    stored = []

    def named(found):
        if isinstance(found, dict):
            return {key: named(value) for key, value in found.items()}
        if not isinstance(found, np.ndarray):
            return found
        stored.append(np.ascontiguousarray(found, "<f4"))
        strides = tuple(s // 4 for s in stored[-1].strides)
        storage = _Storage(str(len(stored) - 1), found.size)
        return Call("torch._utils._rebuild_tensor_v2", storage, 0, found.shape, strides, False, {})

    stream, pickled = io.BytesIO(), io.BytesIO()
    _Pickler(pickled, 2).dump(named(tree))
    with zipfile.ZipFile(stream, "w", how) as out:
        out.writestr("net/data.pkl", pickled.getvalue())
        for number, a in enumerate(stored):
            out.writestr(f"net/data/{number}", a.tobytes())
    return stream.getvalue()
