"""What `vj shader new` writes: a commented ISF file of each kind, to be changed into one's own."""

from pathlib import Path
from typing import Literal

from vj.core.errors import UsageError

Kind = Literal["filter", "generator", "transition"]

_FILTER = """\
/*{
  "DESCRIPTION": "What it does, in one sentence.",
  "CREDIT": "your name",
  "ISFVSN": "2",
  "CATEGORIES": ["Distortion Effect"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "how far the picture sways", "TYPE": "float",
     "MIN": 0.0, "MAX": 0.2, "DEFAULT": 0.05, "IDENTITY": 0.0},
    {"NAME": "waves", "LABEL": "waves across the height", "TYPE": "float", "MIN": 1.0, "MAX": 20.0, "DEFAULT": 4.0},
    {"NAME": "speed", "LABEL": "waves per second", "UNIT": "Hz", "TYPE": "float",
     "MIN": -2.0, "MAX": 2.0, "DEFAULT": 0.3}
  ]
}*/

// Each input is a uniform here, and a parameter fx/NAME/amount, fx/NAME/waves … in presets, OSC and MIDI. IDENTITY is
// where the picture stays as it is. Types: float, bool, event, long (VALUES, LABELS), point2D, color, image, audio,
// audioFFT. The file is read again when you save it; what does not compile is told, and the last one goes on.

void main() {
    // 0 to 1 over the picture, from the lower left. RENDERSIZE is its size in pixels; TIME runs in seconds.
    vec2 uv = isf_FragNormCoord;
    uv.x += amount * sin(6.2831853 * (waves * uv.y - speed * TIME));
    // What flows over the edge comes back mirrored.
    gl_FragColor = IMG_NORM_PIXEL(inputImage, 1.0 - abs(mod(uv, 2.0) - 1.0));
}
"""
_GENERATOR = """\
/*{
  "DESCRIPTION": "What is seen, in one sentence.",
  "CREDIT": "your name",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "scale", "LABEL": "rings from the centre to the edge", "TYPE": "float",
     "MIN": 1.0, "MAX": 20.0, "DEFAULT": 5.0},
    {"NAME": "tint", "LABEL": "colour of the rings", "TYPE": "color", "DEFAULT": [0.3, 0.7, 1.0, 1.0]},
    {"NAME": "speed", "LABEL": "rings per second", "UNIT": "Hz", "TYPE": "float",
     "MIN": -2.0, "MAX": 2.0, "DEFAULT": 0.3}
  ]
}*/

// In a chain a generator lies over the network's picture, by its alpha and by fx/NAME/layer/mode and …/opacity.

void main() {
    // Without the shape of the picture rings would be ellipses.
    vec2 p = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    float ring = 0.5 + 0.5 * cos(6.2831853 * (2.0 * scale * length(p) - speed * TIME));
    gl_FragColor = vec4(tint.rgb * ring * ring, 1.0);
}
"""
_TRANSITION = """\
/*{
  "DESCRIPTION": "How one picture becomes the other, in one sentence.",
  "CREDIT": "your name",
  "ISFVSN": "2",
  "CATEGORIES": ["Transition"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "how far, driven by the host", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "softness", "LABEL": "width of the border", "TYPE": "float", "MIN": 0.01, "MAX": 0.5, "DEFAULT": 0.1}
  ]
}*/

// At 0 only startImage may be seen, at 1 only endImage. A preset is entered through it with
// `[values.stage]` `transition = "NAME"`.

void main() {
    float border = progress * (1.0 + softness) - softness;
    float old = smoothstep(border, border + softness, isf_FragNormCoord.x);
    gl_FragColor = mix(IMG_THIS_PIXEL(endImage), IMG_THIS_PIXEL(startImage), old);
}
"""
_TEXTS: dict[Kind, str] = {"filter": _FILTER, "generator": _GENERATOR, "transition": _TRANSITION}
KINDS: tuple[Kind, ...] = tuple(_TEXTS)


def write(path: Path, kind: Kind) -> None:
    """Write a starter. Raises UsageError where there is a file already, or none can be written."""
    if path.suffix != ".fs":
        raise UsageError(f"{path}: expected a name that ends in .fs")
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(_TEXTS[kind].replace("NAME/", f"{path.stem}/").replace('"NAME"`', f'"{path.stem}"`'))
    except FileExistsError:
        raise UsageError(f"{path}: is there already, and stays as it is") from None
    except OSError as e:
        raise UsageError(f"{path}: cannot be written: {e.strerror}") from None
