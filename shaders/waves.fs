/*{
  "DESCRIPTION": "Rings of waves running through one another: fringes, beats and glowing crests, like light on moving water.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "light: lagoon, neon, ember, absinthe, orchid, ice", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "scale", "LABEL": "how much of the water is seen", "TYPE": "float",
     "MIN": 1.4, "MAX": 2.6, "DEFAULT": 2.0},
    {"NAME": "warp", "LABEL": "how much the water bends the rings", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.4},
    {"NAME": "contrast", "LABEL": "depth of the troughs", "TYPE": "float",
     "MIN": 0.4, "MAX": 1.0, "DEFAULT": 0.8},
    {"NAME": "glow", "LABEL": "light of the crests", "TYPE": "float",
     "MIN": 0.2, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the water sideways", "TYPE": "float",
     "MIN": -0.35, "MAX": 0.35, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the water up and down", "TYPE": "float",
     "MIN": -0.35, "MAX": 0.35, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "turns the picture, in radians", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "density", "LABEL": "crests in a ring", "TYPE": "float",
     "MIN": 16.0, "MAX": 24.0, "DEFAULT": 20.0},
    {"NAME": "flow", "LABEL": "from rings to straight waves", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.35},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Waves of one length from several sources add up as complex amplitudes: the modulus is the beat, the argument the crest.

const int WORLDS = 6;
// A world is: the deep, water, fringe, crest.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.02, 0.08, 0.22), vec3(0.03, 0.38, 0.55), vec3(0.20, 0.78, 0.72), vec3(0.94, 1.00, 0.84),
    vec3(0.09, 0.03, 0.26), vec3(0.34, 0.12, 0.74), vec3(0.95, 0.25, 0.65), vec3(0.62, 0.95, 1.00),
    vec3(0.18, 0.03, 0.06), vec3(0.66, 0.14, 0.10), vec3(0.98, 0.50, 0.14), vec3(1.00, 0.95, 0.72),
    vec3(0.02, 0.13, 0.10), vec3(0.06, 0.44, 0.26), vec3(0.62, 0.84, 0.20), vec3(1.00, 1.00, 0.82),
    vec3(0.17, 0.03, 0.22), vec3(0.56, 0.12, 0.50), vec3(0.97, 0.48, 0.60), vec3(1.00, 0.92, 0.78),
    vec3(0.06, 0.12, 0.26), vec3(0.24, 0.42, 0.72), vec3(0.66, 0.82, 0.96), vec3(1.00, 1.00, 1.00));

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

vec2 wave(float amplitude, float phase) {
    return amplitude * vec2(cos(phase), sin(phase));
}

void main() {
    float t = TIME * speed;
    vec2 p = place();
    p += warp * 0.34 * vec2(noise(p * 0.8 + 0.05 * t), noise(p * 0.8 + 31.0 - 0.05 * t));
    vec2 a = vec2(-0.45, 0.35) + 0.12 * vec2(sin(0.21 * t), cos(0.17 * t));
    vec2 b = vec2(0.75, -0.15) + 0.12 * vec2(cos(0.19 * t), sin(0.23 * t));
    vec2 d = vec2(-0.25, -0.95) + 0.12 * vec2(sin(0.15 * t + 2.0), cos(0.2 * t));
    float k = density, ring = 1.0 - 0.7 * flow;
    vec2 sum = wave(ring / (0.6 + length(p - a)), k * sqrt(dot(p - a, p - a) + 0.015));
    sum += wave(0.85 * ring / (0.6 + length(p - b)), k * sqrt(dot(p - b, p - b) + 0.015) + 1.0);
    sum += wave(0.70 * ring / (0.6 + length(p - d)), k * sqrt(dot(p - d, p - d) + 0.015) + 2.2);
    sum += wave(0.80 * flow, k * dot(p, vec2(0.92, 0.38)));
    float beat = length(sum) / (1.5 * ring + 0.9 * flow);
    // The water's height along a crest is even; its light is that of the beat.
    float phase = atan(sum.y, sum.x) - 0.8 * t;
    float sharp = smoothstep(0.0, 0.25, beat), h = 0.5 + 0.5 * cos(phase) * sharp, lit = smoothstep(0.1, 1.0, beat);
    float crest = pow(h, 3.0);
    vec3 water = mix(hue(0), hue(1), 0.15 + 0.85 * smoothstep(0.05, 0.9, lit));
    vec3 c = water * mix(1.0, 0.25, contrast * (1.0 - h));
    c = mix(c, hue(2), crest * (0.25 + 0.75 * lit));
    // One flank of every wave is lit.
    c += hue(2) * 0.25 * max(sin(phase), 0.0) * sharp * lit;
    c += hue(3) * glow * (0.25 + 0.9 * lit) * pow(h, 10.0) * sharp;
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}
