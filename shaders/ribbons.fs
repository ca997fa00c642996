/*{
  "DESCRIPTION": "Veils of coloured light, one behind another, each with a bright hem.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "light: neon, ultraviolet, lagoon, meadow, ember, coral", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.1},
    {"NAME": "scale", "LABEL": "how much is in the picture", "TYPE": "float",
     "MIN": 1.2, "MAX": 2.6, "DEFAULT": 1.8},
    {"NAME": "warp", "LABEL": "how the veils wave", "TYPE": "float",
     "MIN": 0.3, "MAX": 1.2, "DEFAULT": 0.7},
    {"NAME": "glow", "LABEL": "brightness of the hems", "TYPE": "float",
     "MIN": 0.3, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the pattern sideways", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the pattern up and down", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "which way the veils run, in radians", "TYPE": "float",
     "MIN": -0.8, "MAX": 0.8, "DEFAULT": 0.25},
    {"NAME": "folds", "LABEL": "waves along a veil", "TYPE": "float",
     "MIN": 0.7, "MAX": 1.7, "DEFAULT": 1.1},
    {"NAME": "density", "LABEL": "how close the veils are", "TYPE": "float",
     "MIN": 0.7, "MAX": 1.4, "DEFAULT": 1.0},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Curves of one-dimensional noise, painted from the back to the front.

const int WORLDS = 6;
// A world is: night, far veils, near veils, hem.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.04, 0.04, 0.16), vec3(0.13, 0.22, 0.66), vec3(0.82, 0.22, 0.56), vec3(1.00, 0.91, 0.96),
    vec3(0.07, 0.02, 0.16), vec3(0.35, 0.13, 0.69), vec3(0.25, 0.66, 0.94), vec3(0.96, 1.00, 1.00),
    vec3(0.01, 0.09, 0.11), vec3(0.04, 0.42, 0.50), vec3(0.25, 0.85, 0.56), vec3(1.00, 0.98, 0.82),
    vec3(0.03, 0.11, 0.06), vec3(0.13, 0.50, 0.28), vec3(0.78, 0.85, 0.13), vec3(1.00, 0.99, 0.88),
    vec3(0.11, 0.04, 0.03), vec3(0.63, 0.16, 0.09), vec3(0.94, 0.63, 0.13), vec3(1.00, 0.96, 0.85),
    vec3(0.13, 0.03, 0.09), vec3(0.69, 0.13, 0.38), vec3(0.94, 0.47, 0.31), vec3(1.00, 0.94, 0.89));

// Colour `k` of the world at `palette`, as light: mixed so, colours stay clear.
vec3 hue(int k) {
    float at = clamp(palette, 0.0, 1.0) * float(WORLDS - 1);
    int w = min(int(at), WORLDS - 2);
    vec3 c = mix(COLOURS[4 * w + k], COLOURS[4 * w + 4 + k], smoothstep(0.0, 1.0, at - float(w)));
    return c * c;
}

uint scramble(ivec2 cell) {
    uint h = uint(cell.x) * 0x9e3779b9u ^ (uint(cell.y) * 0x85ebca6bu + 0x27d4eb2fu);
    h ^= h >> 15; h *= 0x2c1b3c6du; h ^= h >> 12; h *= 0x297a2d39u; h ^= h >> 15;
    return h;
}

vec2 gradient(ivec2 cell) {
    uint h = scramble(cell);
    return vec2(uvec2(h, h >> 8) & 255u) / 127.5 - 1.0;
}

// Gradient noise (Perlin 2002), about -1 to 1.
float noise(vec2 p) {
    vec2 i = floor(p), f = p - i;
    ivec2 c = ivec2(i);
    vec2 u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    float a = dot(gradient(c), f), b = dot(gradient(c + ivec2(1, 0)), f - vec2(1.0, 0.0));
    float d = dot(gradient(c + ivec2(0, 1)), f - vec2(0.0, 1.0)), e = dot(gradient(c + 1), f - 1.0);
    return 1.3 * mix(mix(a, b, u.x), mix(d, e, u.x), u.y);
}

mat2 turn(float a) {
    return mat2(cos(a), sin(a), -sin(a), cos(a));
}

vec2 place() {
    vec2 p = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0) * scale;
    return turn(angle) * p + vec2(drift_x, drift_y);
}

const int VEILS = 7;

void main() {
    float t = TIME * speed;
    vec2 p = place();
    vec3 c = hue(0) * (1.1 + 0.8 * noise(p * 0.5 + 50.0));
    for (int i = 0; i < VEILS; i++) {
        float far = 1.0 - float(i) / float(VEILS - 1), own = float(i) * 7.31;
        float y = (3.6 - float(i)) * 0.46 / density;
        float wave = noise(vec2(p.x * folds * 0.8 + 0.05 * t + own, own)) + 0.4 * noise(vec2(p.x * folds * 1.9 - 0.06 * t, own + 3.0));
        float above = p.y - y - warp * 0.75 * wave;
        float fold = 0.5 + 0.5 * sin(5.0 * folds * p.x + 3.0 * wave + own + 0.15 * t);
        vec3 veil = mix(hue(2), hue(1), smoothstep(0.15, 0.85, far)) * (0.2 + 1.1 * fold * fold);
        float w = 1.5 * scale / RENDERSIZE.y;
        float inside = smoothstep(-w, w, -above) * exp(-max(-above, 0.0) * 2.4);
        c = mix(c, veil * (0.35 + 0.9 * inside) + 0.12 * c, 0.92 * smoothstep(-w, w, -above) * mix(0.75, 1.0, inside));
        c += mix(hue(3), veil, 0.35 * far) * glow * 0.75 * exp(-abs(above) / (0.035 + 0.03 * fold)) * (0.35 + 0.65 * fold);
    }
    gl_FragColor = vec4(sqrt(clamp(c / (1.0 + 0.25 * c), 0.0, 1.0)), 1.0);
}
