"""Words of GLSL 3.30 and its built-in functions, as far as names in files clash with them. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Reserved without a use (3.6 of the specification of GLSL 3.30, and later ones); old files use them as names.
RESERVED = _words("""
    active asm buffer cast class coherent common double enum extern external filter fixed fvec2 fvec3 fvec4 goto half
    hvec2 hvec3 hvec4 inline input interface long namespace noinline output packed partition patch precise public
    readonly resource restrict sample shared short sizeof static subroutine superp template this typedef union unsigned
    using volatile writeonly
""")
#: Words with a use, after which another word or a number comes.
QUALIFIERS = _words("""
    smooth flat noperspective centroid invariant precision lowp mediump highp layout switch case default
""")
#: Those of them after which something else may come, at the beginning of a statement.
STATEMENTS = _words("layout switch case default")
#: Words of GLSL 1.20 and of the host that nothing else can be named.
FIXED = _words("""
    attribute const uniform varying in out inout break continue do for while if else return discard struct void bool int
    uint float true false main TIME TIMEDELTA RENDERSIZE DATE FRAMEINDEX PASSINDEX isf_FragNormCoord vv_FragNormCoord
    isf_FragColor vv_FragColor isf_vertShaderInit vv_vertShaderInit IMG_PIXEL IMG_NORM_PIXEL IMG_THIS_PIXEL
    IMG_THIS_NORM_PIXEL IMG_NORM_THIS_PIXEL IMG_SIZE textureCube textureSize textureLod textureProj textureGrad
    textureLodOffset textureOffset texelFetch
""")
TYPE_NAME = re.compile(r"[biud]?vec[234]|d?mat[234](x[234])?|[iu]?sampler\w+|texture(1D|2D|3D)\w*")
#: Types of the result and of each argument → built-in functions. F float or vecN, I int or ivecN, M matN, f float,
#: i int; within one function all of the same N.
_SIGNATURES: Mapping[str, str] = {
    "F F": """radians degrees sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp log exp2 log2 sqrt
        inversesqrt abs sign floor trunc round roundEven ceil fract normalize dFdx dFdy fwidth""",
    "F FF": "atan pow mod min max step reflect",
    "F Ff": "mod min max",
    "F fF": "step",
    "F FFF": "mix clamp smoothstep faceforward",
    "F FFf": "mix refract",
    "F Fff": "clamp",
    "F ffF": "smoothstep",
    "f F": "length",
    "f FF": "distance dot",
    "I I": "abs sign",
    "I II": "min max",
    "I Ii": "min max",
    "I III": "clamp",
    "I Iii": "clamp",
    "M M": "transpose inverse",
    "f M": "determinant",
    "M MM": "matrixCompMult",
}
_OTHERS = (
    ("texture", "vec4", ("sampler2D", "vec2")),
    ("texture", "vec4", ("samplerCube", "vec3")),
    ("cross", "vec3", ("vec3", "vec3")),
)
_TYPES: Mapping[str, Sequence[str]] = {
    "F": ("float", "vec2", "vec3", "vec4"),
    "I": ("int", "ivec2", "ivec3", "ivec4"),
    "M": ("", "mat2", "mat3", "mat4"),
    "f": ("float",) * 4,
    "i": ("int",) * 4,
}


def built_in() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(name, type of the result, types of the arguments) of built-in functions."""
    yield from _OTHERS
    for signature, names in _SIGNATURES.items():
        result, arguments = signature.split()
        for n in range(1 if "M" in signature else 0, 4):
            types = tuple(_TYPES[letter][n] for letter in arguments)
            yield from ((name, _TYPES[result][n], types) for name in names.split())


FUNCTIONS = frozenset(name for name, _, _ in built_in())
