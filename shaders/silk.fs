/*{
  "DESCRIPTION": "Shot silk in slow folds: cloth of two colours laid over twice-warped noise, with the sheen of satin.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "dye: sapphire, peacock, jade, copper, crimson, orchid", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.12},
    {"NAME": "scale", "LABEL": "how much cloth is in the picture", "TYPE": "float",
     "MIN": 1.3, "MAX": 3.0, "DEFAULT": 2.0},
    {"NAME": "warp", "LABEL": "how far the folds wander from straight", "TYPE": "float",
     "MIN": 0.3, "MAX": 1.3, "DEFAULT": 0.8},
    {"NAME": "detail", "LABEL": "fine ripples between the folds", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "glow", "LABEL": "strength of the satin's shine", "TYPE": "float",
     "MIN": 0.2, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the cloth sideways", "TYPE": "float",
     "MIN": -0.8, "MAX": 0.8, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the cloth up and down", "TYPE": "float",
     "MIN": -0.8, "MAX": 0.8, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "which way the folds hang, in radians", "TYPE": "float",
     "MIN": -0.8, "MAX": 0.8, "DEFAULT": 0.2},
    {"NAME": "folds", "LABEL": "folds across the cloth", "TYPE": "float",
     "MIN": 1.0, "MAX": 2.2, "DEFAULT": 1.5},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Domain warping after I. Quilez's article of that name; the cloth is lit from the slope of the warped folds.

const int WORLDS = 6;
// A world is: shadow, cloth, the weft that shows where the cloth turns away, light.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.03, 0.03, 0.17), vec3(0.10, 0.28, 0.78), vec3(0.44, 0.16, 0.66), vec3(0.88, 0.95, 1.00),
    vec3(0.01, 0.11, 0.18), vec3(0.03, 0.52, 0.58), vec3(0.06, 0.34, 0.66), vec3(0.98, 0.93, 0.74),
    vec3(0.02, 0.12, 0.10), vec3(0.12, 0.58, 0.34), vec3(0.60, 0.80, 0.16), vec3(1.00, 0.96, 0.74),
    vec3(0.19, 0.05, 0.05), vec3(0.95, 0.52, 0.10), vec3(0.74, 0.10, 0.24), vec3(1.00, 0.92, 0.74),
    vec3(0.17, 0.01, 0.07), vec3(0.82, 0.12, 0.22), vec3(0.94, 0.40, 0.18), vec3(1.00, 0.88, 0.80),
    vec3(0.11, 0.02, 0.20), vec3(0.56, 0.18, 0.68), vec3(0.92, 0.30, 0.48), vec3(1.00, 0.90, 0.94));

// Colour `k` of the world at `palette`, squared: colours are mixed as light, which keeps them clear.
vec3 dye(int k) {
    float at = clamp(palette, 0.0, 1.0) * float(WORLDS - 1);
    int w = min(int(at), WORLDS - 2);
    vec3 c = mix(COLOURS[4 * w + k], COLOURS[4 * w + 4 + k], smoothstep(0.0, 1.0, at - float(w)));
    return c * c;
}

// Two gradient noises at once, each about -1 to 1: one hash gives both gradients.
vec4 gradients(ivec2 cell) {
    uint h = uint(cell.x) * 0x9e3779b9u ^ (uint(cell.y) * 0x85ebca6bu + 0x27d4eb2fu);
    h ^= h >> 15; h *= 0x2c1b3c6du; h ^= h >> 12; h *= 0x297a2d39u; h ^= h >> 15;
    return vec4(uvec4(h, h >> 8, h >> 16, h >> 24) & 255u) / 127.5 - 1.0;
}

vec2 noise(vec2 p) {
    vec2 i = floor(p), f = p - i;
    ivec2 c = ivec2(i);
    vec2 u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    vec4 ga = gradients(c), gb = gradients(c + ivec2(1, 0)), gc = gradients(c + ivec2(0, 1)), gd = gradients(c + 1);
    vec2 a = vec2(dot(ga.xy, f), dot(ga.zw, f));
    vec2 fb = f - vec2(1.0, 0.0), fc = f - vec2(0.0, 1.0), fd = f - 1.0;
    vec2 b = vec2(dot(gb.xy, fb), dot(gb.zw, fb));
    vec2 d = vec2(dot(gc.xy, fc), dot(gc.zw, fc)), e = vec2(dot(gd.xy, fd), dot(gd.zw, fd));
    return 1.4 * mix(mix(a, b, u.x), mix(d, e, u.x), u.y);
}

// (height of the cloth, a slow field that the colours follow)
vec2 cloth(vec2 p, float t) {
    vec2 q = noise(0.55 * p + vec2(3.1, 7.7) + vec2(0.05, -0.03) * t);
    vec2 r = noise(0.8 * p + 0.9 * warp * q + vec2(11.3, 2.9) - vec2(0.02, 0.06) * t);
    float phase = 6.2831853 * folds * (0.55 * p.x + warp * (0.30 * q.x + 0.42 * r.x)) + 0.10 * t;
    vec2 o = noise(1.9 * p + 1.2 * warp * r + vec2(5.3, 21.1) + vec2(-0.05, 0.04) * t);
    float wide = sin(phase + 0.9 * sin(phase * 0.5 + 2.0 * r.y));
    float fine = sin(2.0 * phase + 5.0 * r.y + 1.0) * (0.5 + 0.5 * q.y);
    float ripple = sin(9.0 * (o.x + 0.5 * r.x) + 3.0 * q.y);
    float height = (0.30 * wide + 0.07 * fine) / folds + 0.16 * r.y + detail * (0.05 * o.y + 0.035 * ripple);
    return vec2(height, q.y + 0.6 * r.x);
}

void main() {
    float t = TIME * speed;
    vec2 p = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0) * scale;
    float c = cos(angle), s = sin(angle);
    p = mat2(c, s, -s, c) * p + vec2(drift_x, drift_y);
    const float STEP = 0.008;
    vec2 here = cloth(p, t);
    vec2 slope = vec2(cloth(p + vec2(STEP, 0.0), t).x, cloth(p + vec2(0.0, STEP), t).x) - here.x;
    slope *= 1.1 / STEP;
    vec3 n = normalize(vec3(-slope, 1.5));
    float lit = dot(n, normalize(vec3(-0.55, 0.35, 0.75)));
    float shade = clamp(0.03 + 0.80 * lit + 0.55 * here.x, 0.0, 1.0);
    // Satin shines across its threads: the highlight depends on the slope along them only.
    float across = dot(n, normalize(vec3(-0.42, 0.10, 0.90)));
    float shine = pow(max(across, 0.0), 26.0), sheen = pow(1.0 - n.z, 2.0);
    float turned = smoothstep(-0.75, 0.75, 1.3 * n.x + 0.55 * here.y);
    vec3 body = mix(dye(2), dye(1), turned);
    vec3 light = mix(dye(0), body, smoothstep(0.02, 0.72, shade));
    light += body * 0.55 * smoothstep(0.55, 1.0, shade) + dye(2) * 0.35 * sheen;
    light = mix(light, dye(3), clamp(glow * shine * (0.35 + 0.65 * shade), 0.0, 0.85));
    gl_FragColor = vec4(sqrt(clamp(light, 0.0, 1.0)), 1.0);
}
