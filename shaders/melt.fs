/*{
  "DESCRIPTION": "The old picture melts and flows away while the new one flows together out of the same stream.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Distortion Effect", "Dissolve"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new one", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "amount", "LABEL": "how far the pictures flow", "TYPE": "float",
     "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0},
    {"NAME": "scale", "LABEL": "eddies across the picture's height", "TYPE": "float",
     "MIN": 0.5, "MAX": 12.0, "DEFAULT": 2.5},
    {"NAME": "gravity", "LABEL": "0 they whirl, 1 they run down", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.4},
    {"NAME": "softness", "LABEL": "width of the border between the two", "TYPE": "float",
     "MIN": 0.02, "MAX": 1.0, "DEFAULT": 0.5}
  ],
  "PASSES": [
    {"TARGET": "moves", "FLOAT": true, "WIDTH": "ceil($WIDTH / 4)", "HEIGHT": "ceil($HEIGHT / 4)"},
    {"TARGET": "order", "FLOAT": true, "WIDTH": "ceil($WIDTH / 4)", "HEIGHT": "ceil($HEIGHT / 4)"},
    {}
  ]
}*/

// One stream carries both pictures: the old one leaves along it, the new one comes to rest in it. How far each has to
// go vanishes at its own end. The stream is smooth, so a quarter of the resolution is enough for it.

const int STEPS = 4;

uint scramble(uint x) {
    x ^= x >> 16; x *= 0x7feb352du; x ^= x >> 15; x *= 0x846ca68bu; x ^= x >> 16;
    return x;
}

vec2 gradient(vec2 cell) {
    uint h = scramble(uint(int(cell.x) + 4096) * 8192u + uint(int(cell.y) + 4096));
    return vec2(float(h & 0xffffu), float(h >> 16)) / 32767.5 - 1.0;
}

// Gradient noise: (value, d/dx, d/dy), quintic fade.
vec3 noise(vec2 p) {
    vec2 i = floor(p), f = p - i;
    vec2 u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    vec2 du = 30.0 * f * f * (f * (f - 2.0) + 1.0);
    vec2 ga = gradient(i), gb = gradient(i + vec2(1.0, 0.0));
    vec2 gc = gradient(i + vec2(0.0, 1.0)), gd = gradient(i + vec2(1.0, 1.0));
    float a = dot(ga, f), b = dot(gb, f - vec2(1.0, 0.0));
    float c = dot(gc, f - vec2(0.0, 1.0)), d = dot(gd, f - vec2(1.0, 1.0));
    float k = a - b - c + d;
    vec2 slope = ga + u.x * (gb - ga) + u.y * (gc - ga) + u.x * u.y * (ga - gb - gc + gd);
    return vec3(a + u.x * (b - a) + u.y * (c - a) + u.x * u.y * k, slope + du * (u.yx * k + vec2(b, c) - a));
}

vec2 mirrored(vec2 uv) {
    return 1.0 - abs(mod(uv, 2.0) - 1.0);
}

// Picture heights to cells of the noise: whirls are round, drops long and thin.
vec2 cells(vec2 p) {
    return p * scale * mix(vec2(1.0), vec2(1.6, 0.35), gravity) + 23.1;
}

// The stream at a place: across the slope of the noise, which whirls without piling up, or down, here fast, there slow.
vec2 stream(vec2 p) {
    vec3 n = noise(cells(p));
    vec2 down = vec2(0.15 * n.y, -0.6 - 1.1 * n.x) * 0.9;
    return mix(0.45 * vec2(n.z, -n.y), down, gravity);
}

// Follows the stream for a while, upstream where `way` is below 0; in small steps: a long one would tear the picture.
vec2 followed(vec2 p, float way) {
    vec2 from = p;
    for (int i = 0; i < STEPS; i++) p += stream(p) * way / float(STEPS);
    return p - from;
}

// When a place turns, 0 first to 1 last: where the stream is fast, and from the top where it runs down.
float order_here(vec2 p, vec2 moved) {
    float n = noise(cells(p + moved) + 3.7).x + 0.4 * noise(2.3 * cells(p + 0.5 * moved) + 61.2).x;
    return mix(1.0 / (1.0 + exp(-11.0 * n)), 1.0 - isf_FragNormCoord.y, 0.6 * gravity);
}

void main() {
    float p = clamp(progress, 0.0, 1.0);
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    if (PASSINDEX == 0) {
        vec2 here = (isf_FragNormCoord - 0.5) * aspect;
        // What is seen here came from upstream, or will still run downstream.
        vec2 old = followed(here, -amount * p * sqrt(p));
        vec2 new = followed(here, amount * (1.0 - p) * sqrt(1.0 - p));
        gl_FragColor = vec4(old / aspect, new / aspect);
    }
    if (PASSINDEX == 1) {
        gl_FragColor = vec4(order_here((isf_FragNormCoord - 0.5) * aspect, IMG_THIS_PIXEL(moves).xy * aspect));
    }
    if (PASSINDEX == 2) {
        vec4 moved = IMG_THIS_PIXEL(moves);
        vec4 old = IMG_NORM_PIXEL(startImage, mirrored(isf_FragNormCoord + moved.xy));
        vec4 new = IMG_NORM_PIXEL(endImage, mirrored(isf_FragNormCoord + moved.zw));
        float edge = 0.5 * softness, late = IMG_THIS_PIXEL(order).r;
        float share = smoothstep(late - edge, late + edge, mix(-edge, 1.0 + edge, p));
        // Squares stand for light: the middle of a soft border is not darker than its sides.
        vec3 light = mix(old.rgb * old.rgb, new.rgb * new.rgb, share);
        gl_FragColor = vec4(sqrt(light), mix(old.a, new.a, share));
    }
}
