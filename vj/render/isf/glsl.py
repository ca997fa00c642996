"""From an ISF file's GLSL to GLSL 3.30 core, and from a driver's message back to the line of the user's file. Pure.

The file's text is left as it is, so that its line numbers hold; what ISF adds to GLSL stands before it as
declarations and macros. All pictures are whole textures here, so the sub-rectangles of ISF hosts are not needed.
"""

import re
from pathlib import Path

from vj.render.isf.shader import Input, IsfShader

#: What both stages know. Inputs, TARGETs and IMPORTED pictures are declared after it.
_COMMON = """\
#define attribute in
#define texture2D texture
#define texture2DRect(s, c) texture(s, (c) / vec2(textureSize(s, 0)))
#define texture2DLod textureLod
#define texture2DProj textureProj
#define texture2DGrad textureGrad
#define IMG_NORM_PIXEL(s, c) texture(s, c)
#define IMG_PIXEL(s, c) texture(s, (c) / vec2(textureSize(s, 0)))
#define IMG_NORM_THIS_PIXEL(s) texture(s, isf_FragNormCoord)
#define IMG_THIS_NORM_PIXEL(s) texture(s, isf_FragNormCoord)
#define IMG_THIS_PIXEL(s) texture(s, isf_FragNormCoord)
#define IMG_SIZE(s) vec2(textureSize(s, 0))
#define vv_FragNormCoord isf_FragNormCoord
uniform int FRAMEINDEX;
uniform vec2 RENDERSIZE;
uniform float TIME;
uniform float TIMEDELTA;
uniform vec4 DATE;
"""
_FRAGMENT = """\
#define varying in
#define gl_FragColor isf_FragColor
#define vv_FragColor isf_FragColor
in vec2 isf_FragNormCoord;
layout(location = 0) out vec4 isf_FragColor;
"""
#: A vertex shader of the file's own draws four corners: what it computes for each is true at the edge of the picture.
_VERTEX = """\
#define varying out
#define vv_vertShaderInit isf_vertShaderInit
out vec2 isf_FragNormCoord;
vec2 isf_corner() { return vec2(gl_VertexID & 1, gl_VertexID >> 1); }
#define gl_Vertex vec4(2.0 * isf_corner() - 1.0, 0.0, 1.0)
#define gl_MultiTexCoord0 vec4(isf_corner(), 0.0, 1.0)
void isf_vertShaderInit() {
    isf_FragNormCoord = isf_corner();
    gl_Position = vec4(2.0 * isf_FragNormCoord - 1.0, 0.0, 1.0);
}
"""
#: GLSL 3.30 keeps these for later versions; old files use them as names.
_RESERVED = (
    "active", "common", "filter", "fixed", "half", "input", "output", "partition", "patch", "resource", "sample",
    "subroutine", "superp",
)  # fmt: skip
#: For a second try: what later versions convert by themselves (int to uint; int to float where a function returns).
_LENIENT = """\
#extension GL_ARB_gpu_shader5 : enable
#extension GL_ARB_shading_language_420pack : enable
"""

#: One triangle that covers the screen, without a vertex buffer.
VERTEX = """\
#version 330 core
out vec2 isf_FragNormCoord;
void main() {
    isf_FragNormCoord = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(2.0 * isf_FragNormCoord - 1.0, 0.0, 1.0);
}
"""

_GLSL_TYPES = {
    "float": "float",
    "bool": "bool",
    "event": "bool",
    "long": "int",
    "point2D": "vec2",
    "color": "vec4",
    "image": "sampler2D",
    "audio": "sampler2D",
    "audioFFT": "sampler2D",
}
_VERSION = re.compile(r"^[ \t]*#[ \t]*version\b.*$", re.MULTILINE)
_EXTENSION = re.compile(r"^[ \t]*#[ \t]*extension\b.*$", re.MULTILINE)

#: Where drivers put the line: Mesa "0:12(5): error", NVIDIA "0(12) : error", Intel, AMD and Apple "ERROR: 0:12:".
_MESSAGE = re.compile(r"^\s*(?:(?:ERROR|WARNING):\s*)?(?P<source>\d+)[:(](?P<line>\d+)[):(][\d)\s:]*(?P<text>.*)$")


def fragment_source(shader: IsfShader, pass_index: int, *, lenient: bool = False) -> str:
    """The whole fragment shader of one pass, GLSL 3.30 core. Lines of the user's file keep their numbers.

    PASSINDEX is a constant of the program: software renderers run every branch that a compiler cannot strike out.
    `lenient` asks the driver for the conversions of later versions, where it has them.
    """
    return _source(shader.body, shader.body_line, _FRAGMENT, shader, pass_index, lenient)


def vertex_source(shader: IsfShader, pass_index: int, *, lenient: bool = False) -> str:
    """The same for the vertex shader: the file's own, or one triangle that covers the screen."""
    if shader.vertex is None:
        return VERTEX
    return _source(shader.vertex, 1, _VERTEX, shader, pass_index, lenient)


def _source(text: str, line: int, stage: str, shader: IsfShader, pass_index: int, lenient: bool) -> str:
    # Only comments may hold other characters, and some drivers refuse them even there.
    body = text.encode("ascii", "replace").decode()
    extensions = "\n".join(_EXTENSION.findall(body)) + ("\n" + _LENIENT if lenient else "")
    body = _EXTENSION.sub("", _VERSION.sub("", body))
    renamed = "".join(f"#define {word} isf_{word}\n" for word in _RESERVED if re.search(rf"\b{word}\b", body))
    parts = ["#version 330 core", extensions, "#line 1 1", renamed + _COMMON + _declarations(shader, pass_index)]
    return "\n".join([*parts, stage, f"#line {line} 0", body, ""])


def _declarations(shader: IsfShader, pass_index: int) -> str:
    lines = [f"const int PASSINDEX = {pass_index};"]
    lines += [_declaration(i) for i in shader.inputs]
    targets = dict.fromkeys(p.target for p in shader.passes if p.target)
    textures = [i.name for i in shader.inputs if i.is_texture] + [i.name for i in shader.imported] + list(targets)
    lines += [f"uniform sampler2D {name};" for name in (*(i.name for i in shader.imported), *targets)]
    for name in textures:
        lines.append(f"#define _{name}_imgSize vec2(textureSize({name}, 0))")
        lines.append(f"#define _{name}_imgRect vec4(0.0, 0.0, 1.0, 1.0)")
    return "\n".join(lines)


def _declaration(i: Input) -> str:
    return f"uniform {_GLSL_TYPES[i.type]} {i.name};"


def compile_error(message: str, shader: IsfShader) -> str:
    """One line "FILE: line N: what the driver says" from a driver's log of several."""
    first, file = "", shader.file
    if shader.vertex is not None and "vertex_shader" in message.partition("====")[0]:
        file = str(Path(shader.file).with_suffix(".vs"))
    for line in message.splitlines():
        found = _MESSAGE.match(line)
        if found and "warning" not in line.lower():
            text = re.sub(r"^error[ :]*", "", found["text"].strip(), flags=re.IGNORECASE)
            place = f"line {found['line']}" if found["source"] == "0" else "INPUTS or PASSES (a name GLSL cannot use)"
            return f"{file}: {place}: {text}"
        if not first and re.search(r"error|undefined|not|too", line, re.IGNORECASE) and "=" * 4 not in line:
            first = line.strip()
    return f"{file}: does not compile: {first or ' '.join(message.split())[:200]}"
