/*{
  "DESCRIPTION": "Sand in low light: long dunes, wind ripples over them, and the shadow side of every crest.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "light: noon, night, dusk, sundown, gold, oasis", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.1},
    {"NAME": "scale", "LABEL": "how far away the sand is", "TYPE": "float",
     "MIN": 1.2, "MAX": 3.0, "DEFAULT": 2.0},
    {"NAME": "warp", "LABEL": "how the crests wind", "TYPE": "float",
     "MIN": 0.2, "MAX": 1.2, "DEFAULT": 0.7},
    {"NAME": "detail", "LABEL": "depth of the ripples", "TYPE": "float",
     "MIN": 0.1, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "contrast", "LABEL": "height of the sun: long shadows to none", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.5, "DEFAULT": 1.0},
    {"NAME": "glow", "LABEL": "haze of light in the hollows", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.4},
    {"NAME": "drift_x", "LABEL": "moves the pattern sideways", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the pattern up and down", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "where the wind comes from, in radians", "TYPE": "float",
     "MIN": -0.7, "MAX": 0.7, "DEFAULT": 0.2},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Warped crests whose slope is lit from the side.

const int WORLDS = 6;
// A world is: shadow, sand, the lit slope, the crest's edge of light.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.04, 0.09, 0.20), vec3(0.18, 0.36, 0.59), vec3(0.56, 0.71, 0.85), vec3(1.00, 0.95, 0.84),
    vec3(0.09, 0.04, 0.20), vec3(0.35, 0.21, 0.63), vec3(0.78, 0.50, 0.82), vec3(1.00, 0.89, 0.95),
    vec3(0.10, 0.06, 0.17), vec3(0.54, 0.29, 0.38), vec3(0.91, 0.63, 0.42), vec3(1.00, 0.91, 0.77),
    vec3(0.11, 0.04, 0.06), vec3(0.59, 0.19, 0.12), vec3(0.94, 0.52, 0.23), vec3(1.00, 0.89, 0.63),
    vec3(0.13, 0.07, 0.03), vec3(0.48, 0.29, 0.11), vec3(0.85, 0.65, 0.28), vec3(1.00, 0.96, 0.79),
    vec3(0.03, 0.13, 0.12), vec3(0.11, 0.43, 0.39), vec3(0.56, 0.79, 0.63), vec3(0.98, 0.96, 0.81));

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

// A dune rises slowly against the wind and falls steeply behind it.
float crest(float phase) {
    return sin(phase + 0.7 * sin(phase));
}

float height(vec2 p, float t) {
    float wander = noise(p * 0.7 + vec2(0.0, 0.05 * t)), fold = noise(p * 1.3 + 31.7);
    float dune = crest(p.y * 2.6 + warp * (3.2 * wander + fold) + 0.10 * t);
    float ripple = crest(p.y * 17.0 + 3.0 * dune + warp * (6.0 * noise(p * 1.1 + 7.3) + 2.0 * fold) - 0.35 * t);
    return 0.34 * dune + 0.18 * wander + 0.022 * detail * ripple * (1.0 - 0.5 * dune);
}

void main() {
    float t = TIME * speed, e = 1.5 * scale / RENDERSIZE.y;
    vec2 p = place();
    float h = height(p, t);
    vec2 slope = vec2(height(p + vec2(e, 0.0), t), height(p + vec2(0.0, e), t)) - h;
    float lit = dot(normalize(vec3(-slope / e, 1.0)), normalize(vec3(-0.45, -0.75, 0.55 / contrast)));
    float body = smoothstep(-0.25, 0.75, lit);
    vec3 c = mix(hue(0), hue(1), smoothstep(0.0, 0.45, body));
    c = mix(c, hue(2), smoothstep(0.30, 0.85, body));
    c += hue(3) * (0.75 * pow(clamp(lit, 0.0, 1.0), 6.0));
    c += hue(2) * glow * 0.30 * smoothstep(0.35, -0.55, h);
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}
