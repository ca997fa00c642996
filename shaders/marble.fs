/*{
  "DESCRIPTION": "Oil marbling in stone: folded bands of pigment, with veins of gold that run where they tear.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "pigments: malachite, lapis, pearl, rose, oxblood, obsidian", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.05},
    {"NAME": "scale", "LABEL": "how much stone is in the picture", "TYPE": "float",
     "MIN": 1.2, "MAX": 2.8, "DEFAULT": 1.8},
    {"NAME": "warp", "LABEL": "how far the pigment was stirred", "TYPE": "float",
     "MIN": 0.3, "MAX": 1.2, "DEFAULT": 0.8},
    {"NAME": "detail", "LABEL": "fine marbling in the bands and the veins", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "glow", "LABEL": "width and light of the gold", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "drift_x", "LABEL": "moves the stone sideways", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the stone up and down", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "which way the bands run, in radians", "TYPE": "float",
     "MIN": -0.8, "MAX": 0.8, "DEFAULT": 0.3},
    {"NAME": "density", "LABEL": "bands across the stone", "TYPE": "float",
     "MIN": 0.6, "MAX": 1.8, "DEFAULT": 1.1},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Domain warping after I. Quilez's article of that name; a vein lies where a warped noise is zero.

const int WORLDS = 6;
// A world is: ground, pigment, second pigment, light band.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.01, 0.14, 0.13), vec3(0.02, 0.38, 0.32), vec3(0.16, 0.64, 0.48), vec3(0.82, 0.95, 0.84),
    vec3(0.02, 0.05, 0.22), vec3(0.06, 0.20, 0.62), vec3(0.10, 0.48, 0.74), vec3(0.84, 0.90, 0.94),
    vec3(0.14, 0.20, 0.52), vec3(0.48, 0.54, 0.86), vec3(0.96, 0.72, 0.72), vec3(0.98, 0.95, 0.92),
    vec3(0.42, 0.09, 0.20), vec3(0.84, 0.36, 0.40), vec3(0.95, 0.66, 0.60), vec3(0.99, 0.92, 0.88),
    vec3(0.19, 0.01, 0.04), vec3(0.56, 0.04, 0.10), vec3(0.86, 0.24, 0.14), vec3(0.98, 0.82, 0.66),
    vec3(0.05, 0.03, 0.10), vec3(0.16, 0.09, 0.28), vec3(0.40, 0.20, 0.56), vec3(0.86, 0.76, 0.92));

// Colour `k` of the world at `palette`, squared: colours are mixed as light, which keeps them clear.
vec3 pigment(int k) {
    float at = clamp(palette, 0.0, 1.0) * float(WORLDS - 1);
    int w = min(int(at), WORLDS - 2);
    vec3 c = mix(COLOURS[4 * w + k], COLOURS[4 * w + 4 + k], smoothstep(0.0, 1.0, at - float(w)));
    return c * c;
}

// Two gradient noises at once, each about -1 to 1: one hash gives both gradients.
vec4 gradients(ivec2 cell) {
    uint h = uint(cell.x) * 0x9e3779b9u ^ (uint(cell.y) * 0x85ebca6bu + 0x51ed270bu);
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

// 1 on the zero line of `v`, falling to 0 at `width` pixels from it, and never thinner than a pixel.
float vein(float v, float width) {
    float steep = max(length(vec2(dFdx(v), dFdy(v))), 1e-5);
    float w = max(width * RENDERSIZE.y / 256.0, 0.75);
    return 1.0 - smoothstep(0.4 * w, w, abs(v) / steep);
}

// From ground to light, for t in 0..1.
vec3 banded(float t) {
    vec3 c = mix(pigment(0), pigment(1), smoothstep(0.02, 0.38, t));
    c = mix(c, pigment(2), smoothstep(0.40, 0.70, t));
    return mix(c, pigment(3), smoothstep(0.74, 0.98, t));
}

void main() {
    float t = TIME * speed;
    vec2 p = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0) * scale;
    float c = cos(angle), s = sin(angle);
    p = mat2(c, s, -s, c) * p + vec2(drift_x, drift_y);
    vec2 q = noise(0.7 * p + vec2(1.7, 9.2) + vec2(0.04, 0.02) * t) + 0.4 * noise(1.5 * p + vec2(8.1, 2.4));
    vec2 r = noise(0.9 * p + 1.1 * warp * q + vec2(4.3, 13.1) - vec2(0.03, 0.05) * t);
    r += 0.45 * noise(2.1 * p + 1.6 * warp * q + vec2(17.9, 3.3) + vec2(0.02, -0.05) * t);
    vec2 fine = noise(4.1 * p + 3.0 * warp * r + vec2(2.2, 31.7));
    float field = density * (p.y + warp * (0.9 * r.x + 0.35 * q.y)) + 0.15 * detail * fine.x;
    // Bands of unequal width: a slow wave under a fast one, both along the warped field.
    float wave = 0.5 + 0.5 * sin(6.2831853 * field + 1.2 * r.y);
    float under = 0.5 + 0.5 * sin(3.6 * field + 2.5 * q.x + 1.0);
    float lines = 0.5 + 0.5 * sin(25.0 * field + 4.0 * r.y + 2.0 * fine.y);
    float tone = 0.55 * wave + 0.45 * under + 0.30 * detail * (lines - 0.5) * (1.0 - 0.5 * wave) + 0.05 * detail * fine.y;
    vec3 light = banded(clamp(1.08 * tone - 0.04, 0.0, 1.0));
    // Polish: the stone is a little lighter where the warped field leans to the upper left.
    light *= 1.0 + 0.22 * clamp(r.x - 0.6 * q.y, -1.0, 1.0);
    float path = r.x + 0.35 * r.y + 0.22 * detail * fine.x + 0.1 * sin(2.0 * field);
    float branch = q.x - 0.55 * r.y + 0.15 * detail * fine.y + 0.12;
    float swell = 0.5 + 0.5 * clamp(fine.y + r.y, -1.0, 1.0);
    float gold = max(vein(path, (1.2 + 3.2 * glow) * (0.5 + swell)), 0.9 * vein(branch, (0.9 + 1.8 * glow) * swell));
    float leaf = 0.5 + 0.5 * sin(3.0 * r.y + 6.0 * fine.x + 5.0 * q.x);
    vec3 metal = mix(vec3(0.40, 0.17, 0.02), vec3(0.95, 0.66, 0.22), smoothstep(0.0, 0.6, leaf));
    metal = mix(metal, vec3(1.0, 0.93, 0.68), smoothstep(0.62, 1.0, leaf));
    // A shadow beside the vein sets it into the stone.
    light *= 1.0 - 0.5 * vein(path, 6.0 + 6.0 * glow) * (1.0 - gold);
    light = mix(light, metal, gold * (0.8 + 0.2 * glow));
    gl_FragColor = vec4(sqrt(clamp(light, 0.0, 1.0)), 1.0);
}
