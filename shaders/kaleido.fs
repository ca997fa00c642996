/*{
  "DESCRIPTION": "A kaleidoscope that can be opened slowly: mirrors around a centre, turning.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Tile Effect", "Geometry Adjustment"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "from the plain picture (0) to the mirrors (1)", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 1.0, "IDENTITY": 0.0},
    {"NAME": "mirrors", "LABEL": "number of mirrored wedges", "TYPE": "float",
     "MIN": 1.0, "MAX": 16.0, "DEFAULT": 6.0},
    {"NAME": "zoom", "LABEL": "zoom in octaves, above 0 closer", "TYPE": "float",
     "MIN": -2.0, "MAX": 2.0, "DEFAULT": 0.3},
    {"NAME": "turn", "LABEL": "which part of the picture the wedge shows", "UNIT": "turn", "BOUND": "wrap",
     "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "spin", "LABEL": "turns per second of the figure", "UNIT": "turn/s", "TYPE": "float",
     "MIN": -1.0, "MAX": 1.0, "DEFAULT": 0.02},
    {"NAME": "centre", "LABEL": "point of the picture at the centre", "TYPE": "point2D",
     "MIN": [0.0, 0.0], "MAX": [1.0, 1.0], "DEFAULT": [0.5, 0.5]}
  ],
  "PASSES": [
    {"TARGET": "clock", "PERSISTENT": true, "FLOAT": true, "WIDTH": "1", "HEIGHT": "1"},
    {}
  ]
}*/

const float TURN = 6.2831853;

vec2 mirrored(vec2 uv) {
    return 1.0 - abs(mod(uv, 2.0) - 1.0);
}

// The angle folded into one wedge of `n`, in turns; n may be any number, the wedges then close when it is whole.
float folded(float angle, float n) {
    float wedge = 1.0 / n;
    return abs(mod(angle + 0.5 * wedge, wedge) - 0.5 * wedge);
}

vec2 figure(vec2 d, float angle, float n, float spun) {
    float a = TURN * (folded(angle - spun, n) + turn);
    return length(d) * exp2(-zoom) * vec2(cos(a), sin(a));
}

void main() {
    if (PASSINDEX == 0) {
        float turns = IMG_NORM_PIXEL(clock, vec2(0.5)).r + spin * TIMEDELTA;
        gl_FragColor = vec4(fract(FRAMEINDEX == 0 ? spin * TIME : turns), 0.0, 0.0, 1.0);
        return;
    }
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec2 d = (isf_FragNormCoord - 0.5) * aspect;
    float angle = atan(d.y, d.x) / TURN;
    float spun = IMG_NORM_PIXEL(clock, vec2(0.5)).r;
    float whole = floor(mirrors), between = mirrors - whole;
    vec2 plain = isf_FragNormCoord;
    vec2 uv = mix(plain, centre + figure(d, angle, whole, spun) / aspect, amount);
    gl_FragColor = IMG_NORM_PIXEL(inputImage, mirrored(uv));
    // Between two whole numbers of mirrors the two figures fade into each other, so that the knob never jumps.
    if (between > 0.0 && amount > 0.0) {
        uv = mix(plain, centre + figure(d, angle, whole + 1.0, spun) / aspect, amount);
        gl_FragColor = mix(gl_FragColor, IMG_NORM_PIXEL(inputImage, mirrored(uv)), between);
    }
}
