"""What stylegan2-ada-pytorch's training writes, and pickles of calls that are never made, without PyTorch."""

import io
import pickle
import struct

import numpy as np

from vj.generator.weights import Model


class Named:
    """Pickles as a call of any global, without that global having to exist."""

    def __init__(self, name, *args):
        self.name, self.args = name, args


class SnapshotPickler(pickle._Pickler):
    """Writes what stylegan2-ada-pytorch writes, without PyTorch."""

    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Named):
            module, name = obj.name.rsplit(".", 1)
            super().save(module)
            super().save(name)
            self.write(pickle.STACK_GLOBAL)
            super().save(obj.args)
            self.write(pickle.REDUCE)
            return
        super().save(obj, save_persistent_id)


def dumped(obj):
    stream = io.BytesIO()
    SnapshotPickler(stream, 4).dump(obj)
    return stream.getvalue()


def storage(array):
    """A storage as torch.save's old format has it."""
    head = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}]
    stream = io.BytesIO()
    for item in head:
        pickle.dump(item, stream, 2)
    reference = b"\x80\x02(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
    stream.write(reference + b"J" + struct.pack("<i", array.size) + b"NtQ.")
    pickle.dump(["0"], stream, 2)
    stream.write(struct.pack("<q", array.size) + array.astype("<f4").tobytes())
    return stream.getvalue()


def tensor(array):
    array = np.asarray(array, order="C")
    strides = tuple(s // array.itemsize for s in array.strides)
    held = Named("torch.storage._load_from_bytes", storage(array.ravel()))
    return Named("torch._utils._rebuild_tensor_v2", held, 0, array.shape, strides, False, {})


def module(class_name, tensors=None, modules=None, **state):
    parameters = {k: Named("torch._utils._rebuild_parameter", tensor(v), True, {}) for k, v in (tensors or {}).items()}
    meta = {
        "type": "class", "version": 6, "module_src": "import os; os.system('touch RAN')", "class_name": class_name,
        "state": {"_parameters": parameters, "_buffers": {}, "_modules": modules or {}, **state},
    }  # fmt: skip
    return Named("torch_utils.persistence._reconstruct_persistent_obj", meta)


def snapshot(model: Model):
    """A training snapshot of a model of ours."""
    a = model.arch

    def tree(prefix):
        own, below = {}, set()
        for name in model.tensors:
            if name.startswith(prefix):
                head, _, rest = name[len(prefix) :].partition(".")
                if rest:
                    below.add(head)
                else:
                    own[head] = model.tensors[name]
        return own, below

    def build(prefix, class_name, **state):
        own, below = tree(prefix)
        inner = {}
        for head in below:
            more = {"architecture": a.architecture} if head.startswith("b") and head[1:].isdigit() else {}
            if head.startswith("conv"):
                more = {"conv_clamp": a.conv_clamp or None}
            inner[head] = build(f"{prefix}{head}.", "Layer", **more)
        return module(class_name, own, inner, **state)

    parts = {
        "mapping": build("mapping.", "MappingNetwork", num_layers=a.mapping_layers),
        "synthesis": build("synthesis.", "SynthesisNetwork"),
    }
    sizes = {"z_dim": a.z_dim, "c_dim": a.c_dim, "w_dim": a.w_dim, "img_resolution": a.resolution, "img_channels": 3}
    return {"G": None, "D": None, "G_ema": module("Generator", {}, parts, **sizes)}
