"""From an ISF file's GLSL to GLSL 3.30 core, and from a driver's message back to the line of the user's file. Pure.

The file's lines stay where they are, so that their numbers hold; names that clash are others (`vj.render.isf.words`);
what ISF adds to GLSL stands before it as declarations and macros. All pictures are whole textures here, so the
sub-rectangles of ISF hosts are not needed.
"""

import re
from pathlib import Path

from vj.render.isf.shader import Input, IsfShader
from vj.render.isf.words import fitted, glsl_name, own_name

#: What both stages know. Inputs, TARGETs and IMPORTED pictures are declared after it.
_COMMON = """\
#define attribute in
#define texture2D texture
#define texture2DRect(s, c) texture(s, (c) / vec2(textureSize(s, 0)))
#define texture2DLod textureLod
#define texture2DProj textureProj
#define texture2DGrad textureGrad
#define textureCube texture
#define textureCubeLod textureLod
#define IMG_NORM_THIS_PIXEL(s) texture(s, isf_FragNormCoord)
#define IMG_THIS_NORM_PIXEL(s) texture(s, isf_FragNormCoord)
#define IMG_THIS_PIXEL(s) texture(s, isf_FragNormCoord)
#define vv_FragNormCoord isf_FragNormCoord
uniform int FRAMEINDEX;
uniform vec2 RENDERSIZE;
uniform float TIME;
uniform float TIMEDELTA;
uniform vec4 DATE;
vec2 IMG_SIZE(sampler2D s) { return vec2(textureSize(s, 0)); }
vec2 IMG_SIZE(samplerCube s) { return vec2(textureSize(s, 0)); }
vec4 IMG_NORM_PIXEL(sampler2D s, vec2 c) { return texture(s, c); }
vec4 IMG_NORM_PIXEL(samplerCube s, vec3 c) { return texture(s, c); }
vec4 IMG_PIXEL(sampler2D s, vec2 c) { return texture(s, c / IMG_SIZE(s)); }
"""
#: What a third argument is: it shifts the level of detail.
_BIAS = """\
vec4 IMG_NORM_PIXEL(sampler2D s, vec2 c, float bias) { return texture(s, c{0}); }
vec4 IMG_NORM_PIXEL(samplerCube s, vec3 c, float bias) { return texture(s, c{0}); }
vec4 IMG_PIXEL(sampler2D s, vec2 c, float bias) { return texture(s, c / IMG_SIZE(s){0}); }
"""
_FRAGMENT = (
    _BIAS.replace("{0}", ", bias")
    + """\
#define varying in
#define gl_FragColor isf_FragColor
#define vv_FragColor isf_FragColor
#define gl_TexCoord vec4[1](vec4(isf_FragNormCoord, 0.0, 1.0))
in vec2 isf_FragNormCoord;
layout(location = 0) out vec4 isf_FragColor;
"""
)
#: A vertex shader of the file's own draws four corners: what it computes for each is true at the edge of the picture.
_VERTEX = (
    _BIAS.replace("{0}", "")
    + """\
#define varying out
#define gl_TexCoord isf_TexCoord
vec4 isf_TexCoord[8];
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
)
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
    return _source(shader.body, _FRAGMENT, shader, pass_index, lenient)


def vertex_source(shader: IsfShader, pass_index: int, *, lenient: bool = False) -> str:
    """The same for the vertex shader: the file's own, or one triangle that covers the screen."""
    if shader.vertex is None:
        return VERTEX
    return _source(shader.vertex, _VERTEX, shader, pass_index, lenient)


def _source(text: str, stage: str, shader: IsfShader, pass_index: int, lenient: bool) -> str:
    # Only comments may hold other characters, and some drivers refuse them even there.
    body = text.encode("ascii", "replace").decode()
    extensions = "\n".join(_EXTENSION.findall(body)) + ("\n" + _LENIENT if lenient else "")
    beside, body = fitted(_EXTENSION.sub("", _VERSION.sub("", body)), declared_names(shader))
    parts = ["#version 330 core", extensions, "#line 1 1", _COMMON + _declarations(shader, pass_index), stage, beside]
    return "\n".join([*parts, "#line 1 0", body, ""])


def declared_names(shader: IsfShader) -> tuple[str, ...]:
    """What the host declares for a file: its inputs, its pictures and its buffers."""
    return (*(i.name for i in shader.inputs), *(one.name for one in shader.imported), *shader.buffers)


def _declarations(shader: IsfShader, pass_index: int) -> str:
    lines = [f"const int PASSINDEX = {pass_index};"]
    lines += [_declaration(i) for i in shader.inputs]
    lines += [f"uniform sampler{'Cube' if one.cube else '2D'} {glsl_name(one.name)};" for one in shader.imported]
    lines += [f"uniform sampler2D {glsl_name(name)};" for name in shader.buffers]
    cubes = [one.name for one in shader.imported if one.cube]
    numbers = [i.name for i in shader.inputs if not i.is_texture]
    for name in declared_names(shader):
        if name not in cubes and name not in numbers:
            lines.append(f"#define _{name}_imgSize vec2(textureSize({glsl_name(name)}, 0))")
            lines.append(f"#define _{name}_imgRect vec4(0.0, 0.0, 1.0, 1.0)")
    return "\n".join(lines)


def _declaration(i: Input) -> str:
    return f"uniform {_GLSL_TYPES[i.type]} {glsl_name(i.name)};"


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
            return f"{file}: {place}: {own_name(text)}"
        if not first and re.search(r"error|undefined|not|too", line, re.IGNORECASE) and "=" * 4 not in line:
            first = line.strip()
    return f"{file}: does not compile: {first or ' '.join(message.split())[:200]}"
