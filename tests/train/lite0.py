"""An EfficientNet-Lite0 with few maps and random weights, and the file that torch.save would write of it."""

import io
import pickle
import struct
import zipfile

import numpy as np

#: (side of the depthwise kernel, maps out) of the sixteen blocks.
BLOCKS = ((3, 4), *[(3, 4)] * 2, *[(5, 6)] * 2, *[(3, 8)] * 3, *[(5, 8)] * 3, *[(5, 10)] * 4, (3, 12))


def tensors(seed=0):
    """PyTorch's names → arrays, as the real network's file has them but for the classifier."""
    rng = np.random.default_rng(seed)
    out = {}

    def layer(conv, norm, *shape):
        count = shape[0]
        out[f"{conv}.weight"] = rng.normal(0, np.prod(shape[1:]) ** -0.5, shape)
        out[f"{norm}.weight"], out[f"{norm}.bias"] = rng.uniform(0.5, 2, count), rng.normal(0, 0.5, count)
        out[f"{norm}.running_mean"], out[f"{norm}.running_var"] = rng.normal(0, 0.5, count), rng.uniform(0.5, 2, count)

    layer("_conv_stem", "_bn0", 4, 3, 3, 3)
    wide = 4
    for i, (side, narrow) in enumerate(BLOCKS):
        block, inner = f"_blocks.{i}.", wide if i == 0 else 2 * wide
        if i:
            layer(f"{block}_expand_conv", f"{block}_bn0", inner, wide, 1, 1)
        layer(f"{block}_depthwise_conv", f"{block}_bn1", inner, 1, side, side)
        layer(f"{block}_project_conv", f"{block}_bn2", narrow, inner, 1, 1)
        wide = narrow
    return {name: a.astype(np.float32) for name, a in out.items()}


class Global(str):
    """Pickles as a name, of something that need not exist."""


#: What PyTorch calls to put a tensor together.
REBUILD = "torch._utils/_rebuild_tensor_v2"


class Call:
    """Pickles as a call of a name."""

    def __init__(self, name, *args):
        self.name, self.args = name, args


class Reference(tuple):
    """Pickles as a reference to something outside the pickle."""


class TorchPickler(pickle._Pickler):
    """Writes what torch.save wrote before zip archives, without PyTorch."""

    def save(self, obj, save_persistent_id=True):
        if isinstance(obj, Global):
            self.write(b"c" + obj.replace("/", "\n").encode() + b"\n")
        elif isinstance(obj, Call):
            self.save(Global(obj.name))
            self.save(obj.args)
            self.write(pickle.REDUCE)
        elif isinstance(obj, Reference):
            self.save(tuple(obj))
            self.write(pickle.BINPERSID)
        else:
            super().save(obj, save_persistent_id)


def views(named, *last):
    """What stands for tensors by name, f32[…], each in a storage of its own; `last`: how the format's storages end."""
    out = {}
    for number, (name, a) in enumerate(named.items()):
        storage = Reference(("storage", Global("torch/FloatStorage"), str(number), "cpu", a.size, *last))
        strides = tuple(s // a.itemsize for s in a.strides)
        empty = Call("collections/OrderedDict")
        out[name] = Call(REBUILD, storage, 0, a.shape, strides, False, empty)
    return out


def archive(named, how=zipfile.ZIP_STORED, **more):
    """The same as a zip archive, as torch.save writes it today; `more`: further files in it."""
    stream, pickled = io.BytesIO(), io.BytesIO()
    TorchPickler(pickled, 2).dump(views(named))
    with zipfile.ZipFile(stream, "w", how) as out:
        out.writestr("archive/data.pkl", pickled.getvalue())
        for number, a in enumerate(named.values()):
            out.writestr(f"archive/data/{number}", np.ascontiguousarray(a, "<f4").tobytes())
        for name, text in more.items():
            out.writestr(f"archive/{name}", text)
    return stream.getvalue()


def file(named):
    """The bytes of a file with these tensors by name, f32[…], in the format before zip archives."""
    stream = io.BytesIO()
    for item in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}):
        pickle.dump(item, stream, 2)
    keys = [str(i) for i in range(len(named))]
    TorchPickler(stream, 2).dump(views(named, None))
    # torch orders the numbers by its own keys, which need not be the order of the names.
    keys.reverse()
    pickle.dump(keys, stream, 2)
    arrays = list(named.values())
    for key in keys:
        a = np.ascontiguousarray(arrays[int(key)], "<f4")
        stream.write(struct.pack("<q", a.size) + a.tobytes())
    return stream.getvalue()
