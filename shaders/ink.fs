/*{
  "DESCRIPTION": "Drops of ink let into water: plumes that curl, thin out and fold over each other.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "ink: moss, blue and wine on paper; orchid, ice and gold in the dark", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.2},
    {"NAME": "scale", "LABEL": "how much water is in the picture", "TYPE": "float",
     "MIN": 1.3, "MAX": 3.0, "DEFAULT": 2.0},
    {"NAME": "warp", "LABEL": "how the plumes curl", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.6, "DEFAULT": 1.0},
    {"NAME": "detail", "LABEL": "fine threads", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "contrast", "LABEL": "how thick the ink is", "TYPE": "float",
     "MIN": 0.6, "MAX": 1.5, "DEFAULT": 1.0},
    {"NAME": "glow", "LABEL": "light along the edges", "TYPE": "float",
     "MIN": 0.1, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "drift_x", "LABEL": "moves the pattern sideways", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the pattern up and down", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "flow", "LABEL": "pull of the current", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.2},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Domain warping (I. Quilez, "Domain warping") with a turned second warp, which curls as a flow does.

const int WORLDS = 6;
// A world is: water, thin ink, ink, its edge of light.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.95, 0.93, 0.86), vec3(0.63, 0.72, 0.35), vec3(0.09, 0.29, 0.13), vec3(1.00, 1.00, 0.94),
    vec3(0.91, 0.94, 0.96), vec3(0.44, 0.63, 0.82), vec3(0.06, 0.11, 0.38), vec3(1.00, 1.00, 1.00),
    vec3(0.96, 0.90, 0.88), vec3(0.88, 0.50, 0.60), vec3(0.48, 0.05, 0.25), vec3(1.00, 0.98, 0.96),
    vec3(0.16, 0.04, 0.19), vec3(0.69, 0.16, 0.47), vec3(0.97, 0.56, 0.69), vec3(1.00, 0.94, 0.94),
    vec3(0.03, 0.08, 0.19), vec3(0.11, 0.36, 0.69), vec3(0.44, 0.85, 0.94), vec3(0.96, 1.00, 1.00),
    vec3(0.07, 0.05, 0.02), vec3(0.60, 0.31, 0.06), vec3(0.97, 0.75, 0.25), vec3(1.00, 0.97, 0.88));

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

float plume(vec2 p) {
    return noise(p) + 0.5 * noise(p * 2.1 + 3.7) + 0.25 * detail * noise(p * 4.3 + 9.1);
}

void main() {
    float t = TIME * speed;
    vec2 p = place();
    p += flow * vec2(noise(p.yx * 0.4 + 50.0), 0.6 * noise(p * 0.4 + 70.0));
    vec2 q = vec2(plume(p * 0.7 + vec2(0.0, 0.04 * t)), plume(p * 0.7 + vec2(8.1, 2.3 - 0.03 * t)));
    // Curling: the second warp runs across the first.
    vec2 r = p + warp * 0.75 * vec2(q.y, -q.x) + 0.3 * warp * q;
    float f = plume(r + vec2(0.03 * t, 0.0));
    float thick = smoothstep(-0.45, 0.65, f * contrast + 0.25 * q.x);
    float edge = exp(-8.0 * abs(f * contrast + 0.25 * q.x - 0.05));
    vec3 c = mix(hue(0), hue(1), smoothstep(0.05, 0.55, thick));
    c = mix(c, hue(2), smoothstep(0.4, 1.0, thick));
    c = mix(c, hue(3), 0.5 * glow * edge * (0.5 + 0.5 * noise(r * 1.3 + 20.0)));
    c *= 1.0 - 0.25 * smoothstep(0.0, 1.0, q.y) * thick;
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}
