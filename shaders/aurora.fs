/*{
  "DESCRIPTION": "Curtains of polar light over a deep sky, drifting along and shaking in their folds.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "sky: polar, arctic, spring, sundown, magenta, violet", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.1},
    {"NAME": "scale", "LABEL": "how much sky is in the picture", "TYPE": "float",
     "MIN": 1.0, "MAX": 2.2, "DEFAULT": 1.5},
    {"NAME": "warp", "LABEL": "how the curtains wind", "TYPE": "float",
     "MIN": 0.3, "MAX": 1.2, "DEFAULT": 0.7},
    {"NAME": "detail", "LABEL": "rays in the curtains", "TYPE": "float",
     "MIN": 0.1, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "glow", "LABEL": "brightness of the light", "TYPE": "float",
     "MIN": 0.4, "MAX": 1.0, "DEFAULT": 0.7},
    {"NAME": "drift_x", "LABEL": "moves the pattern sideways", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the pattern up and down", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "lean of the rays, in radians", "TYPE": "float",
     "MIN": -0.4, "MAX": 0.4, "DEFAULT": 0.1},
    {"NAME": "density", "LABEL": "height of the rays", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.3, "DEFAULT": 0.9},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Curves of noise as the feet of curtains; rays are noise along them.

const int WORLDS = 6;
// A world is: zenith, high light, low light, the curtain's foot.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.02, 0.04, 0.16), vec3(0.23, 0.19, 0.69), vec3(0.13, 0.75, 0.56), vec3(0.91, 1.00, 0.88),
    vec3(0.01, 0.08, 0.12), vec3(0.08, 0.42, 0.60), vec3(0.19, 0.88, 0.63), vec3(0.96, 1.00, 0.85),
    vec3(0.02, 0.09, 0.05), vec3(0.16, 0.48, 0.31), vec3(0.63, 0.88, 0.25), vec3(1.00, 1.00, 0.88),
    vec3(0.10, 0.04, 0.08), vec3(0.63, 0.16, 0.38), vec3(0.94, 0.56, 0.25), vec3(1.00, 0.95, 0.82),
    vec3(0.09, 0.02, 0.16), vec3(0.56, 0.13, 0.63), vec3(0.94, 0.31, 0.56), vec3(1.00, 0.91, 0.94),
    vec3(0.05, 0.02, 0.19), vec3(0.31, 0.22, 0.75), vec3(0.25, 0.63, 0.94), vec3(0.94, 1.00, 1.00));

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

const int CURTAINS = 4;

void main() {
    float t = TIME * speed;
    vec2 p = place();
    float up = 0.5 + p.y / scale;
    vec3 c = mix(hue(1) * 0.16, hue(0), smoothstep(-0.1, 0.7, up)) + hue(1) * 0.05 * (1.0 + noise(p * 0.7 + 30.0));
    for (int i = 0; i < CURTAINS; i++) {
        float own = float(i) * 5.17;
        vec2 q = vec2(p.x * (1.0 + 0.12 * float(i)) + own, p.y);
        float wind = noise(vec2(q.x * 0.8 + 0.06 * t, own)) + 0.45 * noise(vec2(q.x * 2.0 - 0.08 * t, own + 2.0));
        float foot = (float(i) - 1.9) * 0.62 + warp * 0.62 * wind;
        float above = q.y - foot;
        float bent = q.x + warp * 0.25 * wind;
        float rays = 0.5 + 0.5 * noise(vec2(bent * 7.0, own + 0.12 * t)) + 0.35 * noise(vec2(bent * 15.0, own + 0.2 * t));
        rays = mix(0.7, clamp(rays * rays * 1.3, 0.0, 1.6), detail);
        float veil = smoothstep(-0.05, 0.05, above) * exp(-max(above, 0.0) * 3.4 / density);
        vec3 light = mix(hue(2), hue(1), smoothstep(0.05, 0.75, above / density));
        c += light * veil * rays * glow * 0.85;
        c += hue(3) * glow * 0.35 * rays * exp(-abs(above - 0.03) * 16.0);
        c += hue(2) * glow * 0.10 * exp(-abs(above) * 3.0);
    }
    gl_FragColor = vec4(sqrt(clamp(c / (1.0 + 0.2 * c), 0.0, 1.0)), 1.0);
}
