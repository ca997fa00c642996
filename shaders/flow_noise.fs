/*{
  "DESCRIPTION": "Pushes the picture along a flow of domain-warped noise that turns in time, like oil on water.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Distortion Effect"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "how far pixels flow, in eddies", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.2, "DEFAULT": 0.25, "IDENTITY": 0.0},
    {"NAME": "scale", "LABEL": "eddies across the picture's height", "TYPE": "float",
     "MIN": 0.5, "MAX": 12.0, "DEFAULT": 2.2},
    {"NAME": "warp", "LABEL": "how much the flow folds into itself", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.35},
    {"NAME": "detail", "LABEL": "strength of the fine eddies", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.3},
    {"NAME": "spread", "LABEL": "0 whirls, 1 lenses", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.2},
    {"NAME": "speed", "LABEL": "turns of the eddies per second", "UNIT": "turn/s", "TYPE": "float",
     "MIN": -1.0, "MAX": 1.0, "DEFAULT": 0.12}
  ],
  "PASSES": [
    {"TARGET": "clock", "PERSISTENT": true, "FLOAT": true, "WIDTH": "1", "HEIGHT": "1"},
    {"TARGET": "moves", "FLOAT": true, "WIDTH": "ceil($WIDTH / 5)", "HEIGHT": "ceil($HEIGHT / 5)"},
    {}
  ]
}*/

// Flow noise after K. Perlin and F. Neyret, "Flow Noise" (SIGGRAPH 2001): gradient noise whose gradients rotate.
// The flow is smooth, so a fifth of the resolution is enough for it. The time runs in a buffer of one pixel, so that a change of speed does not make the flow jump.

const float TURN = 6.2831853;
const int STEPS = 3;

uint scramble(uint x) {
    x ^= x >> 16; x *= 0x7feb352du; x ^= x >> 15; x *= 0x846ca68bu; x ^= x >> 16;
    return x;
}

// The gradient at a lattice point; neighbours turn at different speeds.
vec2 gradient(vec2 cell, float turns) {
    uint h = scramble(uint(int(cell.x) + 4096) * 8192u + uint(int(cell.y) + 4096));
    float start = float(h & 0xffffu) / 65536.0;
    float pace = 0.6 + 0.8 * float(h >> 16) / 65536.0;
    float a = TURN * (start + turns * pace);
    return vec2(cos(a), sin(a));
}

// Gradient noise: (value, d/dx, d/dy), quintic fade.
vec3 noise(vec2 p, float turns) {
    vec2 i = floor(p), f = p - i;
    vec2 u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    vec2 du = 30.0 * f * f * (f * (f - 2.0) + 1.0);
    vec2 ga = gradient(i, turns), gb = gradient(i + vec2(1.0, 0.0), turns);
    vec2 gc = gradient(i + vec2(0.0, 1.0), turns), gd = gradient(i + vec2(1.0, 1.0), turns);
    float a = dot(ga, f), b = dot(gb, f - vec2(1.0, 0.0));
    float c = dot(gc, f - vec2(0.0, 1.0)), d = dot(gd, f - vec2(1.0, 1.0));
    float k = a - b - c + d;
    vec2 slope = ga + u.x * (gb - ga) + u.y * (gc - ga) + u.x * u.y * (ga - gb - gc + gd);
    return vec3(a + u.x * (b - a) + u.y * (c - a) + u.x * u.y * k, slope + du * (u.yx * k + vec2(b, c) - a));
}

vec2 mirrored(vec2 uv) {
    return 1.0 - abs(mod(uv, 2.0) - 1.0);
}

// From the slope of the noise: across it, which whirls without piling up, or along it.
vec2 flow(vec2 slope) {
    return mix(vec2(slope.y, -slope.x), slope, spread);
}

void main() {
    if (PASSINDEX == 0) {
        float turns = IMG_NORM_PIXEL(clock, vec2(0.5)).r + speed * TIMEDELTA;
        gl_FragColor = vec4(FRAMEINDEX == 0 ? speed * TIME : turns, 0.0, 0.0, 1.0);
        return;
    }
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    if (PASSINDEX == 2) {
        vec2 moved = IMG_THIS_PIXEL(moves).xy / (scale * aspect);
        gl_FragColor = IMG_NORM_PIXEL(inputImage, mirrored(isf_FragNormCoord + moved));
        return;
    }
    float turns = IMG_NORM_PIXEL(clock, vec2(0.5)).r;
    vec2 p = (isf_FragNormCoord - 0.5) * aspect * scale;
    vec2 fold = warp * 0.8 * noise(0.6 * p + 17.3, 0.7 * turns).yz;
    // The pixel is followed upstream in small steps: one long step would tear the picture where the flow bends.
    vec2 moved = vec2(0.0);
    for (int i = 0; i < STEPS; i++) {
        moved += flow(noise(p + moved + fold, turns).yz) * amount / float(STEPS);
    }
    if (detail > 0.0) moved += flow(noise(2.3 * (p + moved) + 41.7, 1.6 * turns).yz) * amount * detail * 0.4;
    gl_FragColor = vec4(moved, 0.0, 1.0);
}
