/*{
  "DESCRIPTION": "Overlapping feathers with an eye in each, rows upon rows, like a peacock's breast.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "bird: peacock, kingfisher, starling, flamingo, macaw, quetzal", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "scale", "LABEL": "rows of feathers", "TYPE": "float",
     "MIN": 2.2, "MAX": 4.6, "DEFAULT": 3.2},
    {"NAME": "warp", "LABEL": "how the rows bend", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "contrast", "LABEL": "depth of the shadow between feathers", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.5, "DEFAULT": 1.0},
    {"NAME": "glow", "LABEL": "light in the eyes", "TYPE": "float",
     "MIN": 0.2, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the pattern sideways", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the pattern up and down", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "which way the feathers lie, in radians", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "folds", "LABEL": "size of the eyes", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.2, "DEFAULT": 0.85},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Discs in staggered rows, each drawn over the row above it.

const int WORLDS = 6;
// A world is: the dark between, feather, ring, the eye's light.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.02, 0.06, 0.11), vec3(0.04, 0.35, 0.42), vec3(0.12, 0.75, 0.54), vec3(1.00, 0.90, 0.54),
    vec3(0.04, 0.04, 0.09), vec3(0.16, 0.35, 0.66), vec3(0.44, 0.82, 0.94), vec3(1.00, 0.96, 0.94),
    vec3(0.04, 0.02, 0.13), vec3(0.23, 0.16, 0.63), vec3(0.75, 0.31, 0.88), vec3(1.00, 0.85, 0.66),
    vec3(0.09, 0.02, 0.08), vec3(0.54, 0.11, 0.36), vec3(0.94, 0.38, 0.56), vec3(1.00, 0.91, 0.69),
    vec3(0.10, 0.02, 0.03), vec3(0.60, 0.13, 0.11), vec3(0.94, 0.47, 0.19), vec3(1.00, 0.94, 0.72),
    vec3(0.02, 0.08, 0.04), vec3(0.10, 0.42, 0.16), vec3(0.63, 0.82, 0.19), vec3(1.00, 0.98, 0.82));

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

// The feather that lies on top: where the point is in it, and a number of its own. Rows cover those above them.
vec3 feather(vec2 p) {
    float row = floor(p.y * 2.0);
    vec3 found = vec3(0.0, 2.0, 0.5);
    for (int k = 1; k >= -1; k--) {
        float r = row - float(k);
        float shift = 0.5 * mod(r, 2.0);
        float column = floor(p.x + shift);
        vec2 at = vec2(p.x + shift - column - 0.5, p.y - 0.5 * r - 0.52);
        if (length(at * vec2(1.0, 0.94)) < 0.56 && at.y < 0.6) {
            found = vec3(at, float(scramble(ivec2(column, r)) >> 20) / 4095.0);
        }
    }
    return found;
}

void main() {
    float t = TIME * speed;
    vec2 p = place();
    vec2 wind = vec2(noise(p * 0.55 + 0.06 * t), noise(p * 0.55 + 23.0 - 0.05 * t));
    vec3 f = feather(p + warp * 0.7 * wind);
    vec2 q = f.xy;
    float r = length(q * vec2(1.0, 0.94)) / 0.56, eye = length(q - vec2(0.0, -0.12)) / (0.34 * folds);
    float barbs = 0.5 + 0.5 * sin(26.0 * abs(q.x) / (0.35 + abs(q.y + 0.55)) + 9.0 * q.y);
    float sheen = 0.5 + 0.5 * noise(p * 0.8 + 5.0 + 0.08 * t);
    vec3 c = mix(hue(1), hue(2), 0.25 * barbs + 0.35 * sheen * (1.0 - r));
    c = mix(c, hue(0), smoothstep(0.55, 1.05, r) * min(0.75 * contrast, 1.0));
    c *= 1.0 - 0.35 * contrast * smoothstep(0.0, 0.5, q.y);
    c = mix(hue(2) * (0.7 + 0.5 * sheen), c, smoothstep(0.75, 1.0, eye));
    c = mix(hue(0) * 0.8 + 0.25 * hue(1), c, smoothstep(0.45, 0.7, eye));
    c = mix(hue(3) * (0.45 + 0.65 * glow), c, smoothstep(0.12, 0.5, eye));
    c += hue(3) * 0.10 * glow * exp(-2.0 * eye * eye);
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}
