/*{
  "DESCRIPTION": "A living maze: branches and pores that grow into one another, lit from above.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "reef: lagoon, violet, rose, fire, amber, moss", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.1},
    {"NAME": "scale", "LABEL": "branches across the picture", "TYPE": "float",
     "MIN": 2.6, "MAX": 5.2, "DEFAULT": 3.8},
    {"NAME": "warp", "LABEL": "how the branches wander", "TYPE": "float",
     "MIN": 0.2, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "detail", "LABEL": "fine bumps on the branches", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "contrast", "LABEL": "depth between the branches", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.5, "DEFAULT": 1.0},
    {"NAME": "glow", "LABEL": "light on the tips", "TYPE": "float",
     "MIN": 0.2, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the pattern sideways", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the pattern up and down", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "which way it grows, in radians", "TYPE": "float",
     "MIN": -0.7, "MAX": 0.7, "DEFAULT": 0.2},
    {"NAME": "density", "LABEL": "from pores to branches", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// A sum of plane waves, bent by noise, as a height that is lit.

const int WORLDS = 6;
// A world is: the deep, flank, ridge, tips.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.02, 0.08, 0.11), vec3(0.07, 0.38, 0.44), vec3(0.35, 0.78, 0.69), vec3(1.00, 0.98, 0.88),
    vec3(0.05, 0.02, 0.13), vec3(0.25, 0.19, 0.63), vec3(0.60, 0.47, 0.94), vec3(1.00, 0.91, 0.99),
    vec3(0.06, 0.03, 0.09), vec3(0.48, 0.13, 0.31), vec3(0.94, 0.47, 0.41), vec3(1.00, 0.93, 0.85),
    vec3(0.09, 0.03, 0.03), vec3(0.56, 0.16, 0.09), vec3(0.94, 0.50, 0.22), vec3(1.00, 0.94, 0.78),
    vec3(0.08, 0.05, 0.02), vec3(0.50, 0.31, 0.09), vec3(0.91, 0.69, 0.25), vec3(1.00, 0.97, 0.85),
    vec3(0.02, 0.08, 0.03), vec3(0.13, 0.38, 0.22), vec3(0.60, 0.82, 0.35), vec3(0.98, 1.00, 0.88));

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

// Waves of one length and many directions make a maze, as in a pattern just past the onset of a Turing instability.
float maze(vec2 p, float t) {
    vec2 bend = vec2(noise(p * 0.45 + 0.02 * t), noise(p * 0.45 + 9.2 - 0.02 * t));
    p += warp * 0.9 * bend;
    float sum = 0.0;
    for (int i = 0; i < 5; i++) {
        float a = 0.6283 * float(i) + 0.3 * bend.x;
        sum += cos(7.0 * dot(p, vec2(cos(a), sin(a))) + 2.4 * float(i * i) + (i % 2 == 0 ? 0.12 : -0.15) * t);
    }
    return 0.42 * sum + density + 0.10 * detail * noise(p * 5.0);
}

void main() {
    float t = TIME * speed, e = 1.5 * scale / RENDERSIZE.y;
    vec2 p = place();
    float m = maze(p, t);
    float h = smoothstep(-0.75, 0.75, m);
    vec2 slope = vec2(smoothstep(-0.75, 0.75, maze(p + vec2(e, 0.0), t)), smoothstep(-0.75, 0.75, maze(p + vec2(0.0, e), t))) - h;
    float lit = dot(normalize(vec3(-slope / e * 0.22, 1.0)), normalize(vec3(-0.5, 0.6, 0.65)));
    vec3 c = mix(hue(0), hue(1), smoothstep(0.05, 0.55, h));
    c = mix(c, hue(2), smoothstep(0.45, 1.0, h));
    c *= 1.0 + 0.9 * contrast * (max(lit, 0.1) - 0.6);
    c += hue(1) * 0.30 * (1.0 - h) * (0.6 + 0.4 * noise(p * 1.4 + 60.0));
    c += hue(3) * glow * (0.55 * pow(max(lit, 0.0), 10.0) * h + 0.35 * smoothstep(0.8, 1.5, m));
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}
