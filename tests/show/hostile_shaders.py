"""Shaders that would hang, swell or slow a show, each in another way. `HOSTILE`: name → what makes it, in a folder."""

import json
import zlib

GOOD = "void main() { gl_FragColor = vec4(0.0, 0.0, 1.0, 1.0); }"


def isf(body, **header):
    header.setdefault("INPUTS", [])
    return f"/*{json.dumps(header)}*/\n{body}\n"


def macros(folder):
    """Two calls in each of sixteen macros: 2^16 at the end."""
    lines = ["#define M0(x) sin(x + 0.1)"]
    lines += [f"#define M{i}(x) (M{i - 1}(x) + M{i - 1}(x * 1.1))" for i in range(1, 17)]
    return isf("\n".join([*lines, "void main() { gl_FragColor = vec4(M16(TIME)); }"]))


def statements(folder):
    """Twenty thousand in a row, none of which can be left out."""
    lines = [f"x = sin(x * {1 + i * 1e-4:.4f} + gl_FragCoord.x);" for i in range(20_000)]
    return isf("\n".join(["void main() { float x = TIME;", *lines, "gl_FragColor = vec4(x); }"]))


def endless(folder):
    """Two thousand million steps for each pixel."""
    loops = "for (int i = 0; i < 45000; i++) for (int j = 0; j < 45000; j++) x = fract(x * 1.1 + float(i ^ j));"
    return isf(f"void main() {{ float x = TIME; {loops} gl_FragColor = vec4(x); }}")


def passes(folder):
    """Thirty-two passes over the whole picture, in floating point."""
    heavy = "for (int i = 0; i < 60; i++) x += sin(x * gl_FragCoord.y);"
    body = f"void main() {{ vec4 x = gl_FragCoord; {heavy} gl_FragColor = x; }}"
    return isf(body, PASSES=[{"TARGET": f"b{i}", "PERSISTENT": True, "FLOAT": True} for i in range(32)])


def buffers(folder):
    """Passes that are as large as they may be: 2 GB each."""
    one = {"PERSISTENT": True, "FLOAT": True, "WIDTH": "8192", "HEIGHT": "8192"}
    return isf(GOOD, PASSES=[{"TARGET": f"b{i}", **one} for i in range(8)])


def array(folder):
    """An array of a hundred million elements."""
    return isf(
        "void main() { float a[100000000]; for (int i = 0; i < 100000000; i++) a[i] = float(i) * TIME;"
        "gl_FragColor = vec4(a[int(gl_FragCoord.x) * 1000]); }"
    )


def unrolled(folder):
    """Loops of constant length, one inside the other, that a compiler writes out."""
    loops = "".join(f"for (int i{k} = 0; i{k} < 8; i{k}++) " for k in range(6))
    return isf(f"void main() {{ float x = TIME; {loops} x += sin(x * float(i0 + i5)); gl_FragColor = vec4(x); }}")


def pictures(folder):
    """Six pictures of 8192 pixels a side: small on disk, 268 MB each as they are drawn."""
    large = large_png(8192)
    for i in range(6):
        (folder / f"large{i}.png").write_bytes(large)
    body = "vec4 c = " + " + ".join(f"IMG_THIS_PIXEL(p{i})" for i in range(6)) + "; gl_FragColor = c;"
    return isf(f"void main() {{ {body} }}", IMPORTED={f"p{i}": {"PATH": f"large{i}.png"} for i in range(6)})


def width(folder):
    """A size that no picture has."""
    return isf(GOOD, PASSES=[{"TARGET": "b", "WIDTH": "100000", "HEIGHT": "100000"}])


def inputs(folder):
    """Dear only where a hand turns an input up."""
    given = [{"NAME": "steps", "TYPE": "float", "MIN": 0, "MAX": 1e6, "DEFAULT": 1}]
    loop = "for (int i = 0; i < int(steps); i++) for (int j = 0; j < int(steps); j++) x = fract(x * 1.1 + float(j));"
    return isf(f"void main() {{ float x = TIME; {loop} gl_FragColor = vec4(x); }}", INPUTS=given)


def turns_slow():
    """Quick until it has been drawn for some frames, which nobody can know beforehand."""
    loop = "if (FRAMEINDEX > 60) for (int i = 0; i < 8000; i++) x = sin(x * gl_FragCoord.x + float(i));"
    return isf(f"void main() {{ float x = TIME; {loop} gl_FragColor = vec4(x, 0.0, 1.0, 1.0); }}")


HOSTILE = {
    "2^16 macros": macros,
    "20,000 statements": statements,
    "2*10^9 steps": endless,
    "32 passes": passes,
    "8 buffers of 8192x8192": buffers,
    "array of 10^8": array,
    "unrolled loops": unrolled,
    "6 pictures of 8192x8192": pictures,
    "WIDTH 100000": width,
    "an input's far end": inputs,
}


def large_png(side):
    """A black picture of `side` pixels a side, as a file of some kilobytes."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, 6, 0, 0, 0])
    rows = zlib.compress(bytes((1 + 4 * side) * side), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
