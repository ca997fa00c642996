/*{
  "DESCRIPTION": "A slice of agate: bands around bands, crystal in the hollows, light through the thin places.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "stone: blue lace, amethyst, carnelian, honey, malachite, smoke", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.1},
    {"NAME": "scale", "LABEL": "how much stone is in the picture", "TYPE": "float",
     "MIN": 1.0, "MAX": 2.4, "DEFAULT": 1.6},
    {"NAME": "warp", "LABEL": "how the bands wander", "TYPE": "float",
     "MIN": 0.3, "MAX": 1.3, "DEFAULT": 0.8},
    {"NAME": "detail", "LABEL": "fine bands between the broad ones", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "contrast", "LABEL": "difference between bands", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.5, "DEFAULT": 1.0},
    {"NAME": "glow", "LABEL": "light through the crystal", "TYPE": "float",
     "MIN": 0.2, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the pattern sideways", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the pattern up and down", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "density", "LABEL": "bands from rind to heart", "TYPE": "float",
     "MIN": 3.0, "MAX": 6.5, "DEFAULT": 4.5},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Level lines of domain-warped noise (I. Quilez, "Domain warping"), coloured as bands.

const int WORLDS = 6;
// A world is: the outer rind, band, its neighbour, crystal.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.05, 0.08, 0.19), vec3(0.16, 0.39, 0.69), vec3(0.66, 0.82, 0.91), vec3(1.00, 0.96, 0.89),
    vec3(0.10, 0.04, 0.17), vec3(0.42, 0.24, 0.69), vec3(0.82, 0.63, 0.91), vec3(1.00, 0.94, 0.97),
    vec3(0.16, 0.05, 0.08), vec3(0.66, 0.19, 0.25), vec3(0.94, 0.63, 0.50), vec3(1.00, 0.95, 0.86),
    vec3(0.14, 0.07, 0.02), vec3(0.63, 0.35, 0.09), vec3(0.94, 0.75, 0.44), vec3(1.00, 0.97, 0.89),
    vec3(0.02, 0.11, 0.09), vec3(0.10, 0.50, 0.44), vec3(0.56, 0.85, 0.69), vec3(1.00, 0.98, 0.88),
    vec3(0.06, 0.08, 0.11), vec3(0.29, 0.35, 0.44), vec3(0.69, 0.77, 0.80), vec3(1.00, 0.91, 0.75));

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
    return p + vec2(drift_x, drift_y);
}

void main() {
    float t = TIME * speed;
    vec2 p = place();
    vec2 q = vec2(noise(p * 0.9 + 0.03 * t), noise(p * 0.9 + 11.3 - 0.03 * t));
    vec2 r = p + warp * 0.8 * q;
    float f = noise(r) + 0.38 * noise(r * 2.1 + 4.7) + 0.13 * detail * noise(r * 4.4 + 9.1);
    float at = f * density + 0.06 * t;
    float broad = 0.5 + 0.5 * sin(6.2832 * at * 0.5), fine = 0.5 + 0.5 * sin(6.2832 * at * 1.5 + 2.0 * q.x);
    float band = mix(broad, fine, 0.35 * detail);
    band = 0.5 + (smoothstep(0.0, 1.0, band) - 0.5) * (0.7 + 0.6 * contrast);
    vec3 c = mix(hue(1), hue(2), clamp(band, 0.0, 1.0));
    c = mix(c, hue(0), 0.85 * smoothstep(0.05, -0.6, f) * min(0.6 + 0.4 * contrast, 1.0));
    float heart = smoothstep(0.25, 0.85, f);
    float facets = 0.6 + 0.4 * noise(r * 5.0 + 2.0 * q);
    c = mix(c, hue(3) * facets, heart * (0.35 + 0.6 * glow));
    c += hue(3) * 0.35 * glow * pow(broad * (1.0 - fine), 4.0);
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}
