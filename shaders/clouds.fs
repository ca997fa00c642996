/*{
  "DESCRIPTION": "A nebula: banks of lit gas behind one another, with glowing cores that the dust eats into.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "gas: teal, ultramarine, orchid, hydrogen rose, ember, sulphur", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.35},
    {"NAME": "scale", "LABEL": "how much of the nebula is in the picture", "TYPE": "float",
     "MIN": 1.3, "MAX": 2.6, "DEFAULT": 1.9},
    {"NAME": "warp", "LABEL": "how the gas is torn and curled", "TYPE": "float",
     "MIN": 0.3, "MAX": 1.4, "DEFAULT": 0.8},
    {"NAME": "detail", "LABEL": "wisps at the edges of the clouds", "TYPE": "float",
     "MIN": 0.1, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "contrast", "LABEL": "depth of the shadows between the banks", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.3, "DEFAULT": 0.9},
    {"NAME": "glow", "LABEL": "light of the cores", "TYPE": "float",
     "MIN": 0.2, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "flies sideways; near banks move more", "TYPE": "float",
     "MIN": -0.7, "MAX": 0.7, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "flies up and down; near banks move more", "TYPE": "float",
     "MIN": -0.7, "MAX": 0.7, "DEFAULT": 0.0},
    {"NAME": "density", "LABEL": "how much dust lies before the light", "TYPE": "float",
     "MIN": 0.35, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Three banks of domain-warped billows (I. Quilez, "Domain warping"), drawn from far to near before a bright haze. Each
// is lit by the cores: where its density falls towards them, and where it is thin.

const int WORLDS = 6;
const int BANKS = 3;
// A world is: deep space, far gas, near gas, core.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.02, 0.10, 0.16), vec3(0.05, 0.42, 0.46), vec3(0.20, 0.72, 0.66), vec3(0.96, 0.98, 0.84),
    vec3(0.04, 0.05, 0.22), vec3(0.10, 0.22, 0.66), vec3(0.26, 0.62, 0.94), vec3(0.96, 0.94, 1.00),
    vec3(0.09, 0.04, 0.24), vec3(0.26, 0.18, 0.70), vec3(0.84, 0.34, 0.78), vec3(1.00, 0.90, 0.92),
    vec3(0.14, 0.03, 0.20), vec3(0.48, 0.12, 0.52), vec3(0.98, 0.36, 0.46), vec3(1.00, 0.92, 0.78),
    vec3(0.16, 0.04, 0.12), vec3(0.60, 0.10, 0.22), vec3(1.00, 0.50, 0.20), vec3(1.00, 0.95, 0.74),
    vec3(0.14, 0.07, 0.12), vec3(0.52, 0.24, 0.16), vec3(0.98, 0.70, 0.28), vec3(1.00, 0.98, 0.84));

// Colour `k` of the world at `palette`, as light: mixed so, colours stay clear.
vec3 hue(int k) {
    float at = clamp(palette, 0.0, 1.0) * float(WORLDS - 1);
    int w = min(int(at), WORLDS - 2);
    vec3 c = mix(COLOURS[4 * w + k], COLOURS[4 * w + 4 + k], smoothstep(0.0, 1.0, at - float(w)));
    return c * c;
}

// Two gradient noises at once, each about -1 to 1: one hash gives both gradients.
vec4 gradients(ivec2 cell) {
    uint h = uint(cell.x) * 0x9e3779b9u ^ (uint(cell.y) * 0x85ebca6bu + 0x165667b1u);
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

// Density of a bank: billows (noise folded at zero) of falling size over a slow swell.
float bank(vec2 p, float t) {
    vec2 a = noise(p), b = noise(2.1 * p + 0.5 * a.yx + vec2(3.7, 1.9) + 0.04 * t);
    vec2 c = noise(4.3 * p + 0.6 * b.yx + vec2(8.2, 5.5) - 0.05 * t);
    vec2 d = noise(8.6 * p + 0.6 * c.yx + vec2(1.2, 9.1) + 0.06 * t);
    vec2 soft = sqrt(vec2(b.x * b.x, c.x * c.x) + 0.004);
    return a.x + 0.55 * soft.x + detail * (0.32 * soft.y + 0.10 * d.x) - 0.20;
}

// Two cores that wander: (way to the light x, y, brightness), in heights of the picture.
vec3 cores(vec2 uv, float t) {
    vec2 pan = vec2(drift_x, drift_y);
    vec2 a = vec2(-0.22, 0.18) + 0.10 * vec2(sin(0.15 * t), cos(0.17 * t)) - 0.24 * pan - uv;
    vec2 b = vec2(0.32, -0.22) + 0.10 * vec2(cos(0.13 * t + 1.0), sin(0.16 * t)) - 0.34 * pan - uv;
    float la = exp(-7.0 * dot(a, a)), lb = 0.8 * exp(-10.0 * dot(b, b));
    return vec3((a * (la + 0.02) + b * lb) / (la + lb + 0.02), la + lb);
}

void main() {
    float t = TIME * speed;
    vec2 uv = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec3 core = cores(uv, t);
    vec2 way = core.xy / (length(core.xy) + 0.10);
    vec2 haze = noise(1.3 * scale * uv + vec2(7.3, 2.2) + 0.5 * vec2(drift_x, drift_y) + vec2(0.05, -0.03) * t);
    float shine = core.z * (1.0 + 0.35 * haze.x) + 0.12 * haze.y;
    vec3 light = mix(0.8 * hue(0), hue(1), clamp(0.30 + 0.5 * haze.y + 0.7 * shine, 0.0, 1.0));
    light = mix(light, hue(2), smoothstep(0.30, 0.85, shine));
    light = mix(light, hue(3), smoothstep(0.55, 1.10, shine) * (0.25 + 0.75 * glow));
    for (int k = 0; k < BANKS; k++) {
        float near = float(k) / float(BANKS - 1);
        vec2 p = uv * scale * (1.20 - 0.40 * near) + (0.45 + 0.55 * near) * vec2(drift_x, drift_y);
        p += vec2(5.7, 3.1) * float(k + 1) + vec2(0.05, 0.015) * (0.5 + near) * t;
        vec2 torn = noise(0.8 * p + vec2(2.6, 7.4) - vec2(0.03, 0.04) * t);
        p += 0.42 * warp * torn;
        float thick = bank(p, t), deep = thick + 0.40 * density - 0.12 - 0.10 * near;
        float toward = clamp(0.5 + 2.2 * (thick - bank(p + 0.09 * way, t)), 0.0, 1.0);
        float veil = smoothstep(0.0, 0.30, deep) * (0.80 + 0.16 * near) * (1.0 - 0.3 * smoothstep(0.5, 1.2, shine));
        // Thin gas is lit through; thick gas is dark but where a billow faces the light.
        float through = exp(-4.5 * max(deep, 0.0));
        float lit = (0.30 + 0.70 * toward) * (0.42 + 1.3 * shine) * mix(1.0, 0.35 + through, contrast);
        vec3 gas = mix(hue(1), hue(2), clamp(0.30 + 0.35 * near + 0.6 * torn.y, 0.0, 1.0));
        vec3 cloud = 0.55 * hue(0) * (1.4 - 0.7 * contrast) + gas * (0.06 + 1.9 * lit * toward);
        cloud += hue(3) * glow * 0.9 * shine * smoothstep(0.45, 1.0, toward) * (0.25 + 0.75 * through);
        cloud += hue(2) * (0.2 + 0.5 * glow) * smoothstep(0.35, 1.1, shine) * (0.5 + 0.5 * toward);
        light = mix(light, cloud, veil);
    }
    gl_FragColor = vec4(sqrt(clamp(light / (0.82 + 0.25 * light), 0.0, 1.0)), 1.0);
}
