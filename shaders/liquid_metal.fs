/*{
  "DESCRIPTION": "Molten metal: a slow swell of liquid chrome that mirrors a coloured studio.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "studio: emerald, steel, electric, violet, sunset, gold", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.42},
    {"NAME": "scale", "LABEL": "how much metal is in the picture", "TYPE": "float",
     "MIN": 1.2, "MAX": 2.5, "DEFAULT": 1.7},
    {"NAME": "warp", "LABEL": "how much the swell curls", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.2, "DEFAULT": 0.6},
    {"NAME": "detail", "LABEL": "small ripples on the swell", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.35},
    {"NAME": "contrast", "LABEL": "height of the swell, from a lake to a storm", "TYPE": "float",
     "MIN": 0.7, "MAX": 1.4, "DEFAULT": 1.0},
    {"NAME": "glow", "LABEL": "light of the lamps", "TYPE": "float",
     "MIN": 0.2, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the metal sideways", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the metal up and down", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "turns the studio around the metal, in radians", "TYPE": "float",
     "MIN": -1.2, "MAX": 1.2, "DEFAULT": 0.0},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// A height field of domain-warped noise; its normal reflects the eye's ray into an environment painted by a formula.

const int WORLDS = 6;
// A world is: floor, horizon, sky, lamp.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.02, 0.13, 0.13), vec3(0.04, 0.54, 0.42), vec3(0.62, 0.84, 0.42), vec3(0.98, 1.00, 0.86),
    vec3(0.03, 0.06, 0.20), vec3(0.10, 0.38, 0.68), vec3(0.56, 0.78, 0.92), vec3(0.98, 0.98, 1.00),
    vec3(0.05, 0.03, 0.24), vec3(0.10, 0.24, 0.90), vec3(0.16, 0.78, 0.88), vec3(0.92, 1.00, 0.98),
    vec3(0.09, 0.02, 0.22), vec3(0.52, 0.14, 0.72), vec3(0.40, 0.52, 0.94), vec3(1.00, 0.88, 0.96),
    vec3(0.15, 0.02, 0.16), vec3(0.90, 0.20, 0.42), vec3(0.60, 0.34, 0.80), vec3(1.00, 0.90, 0.72),
    vec3(0.20, 0.06, 0.03), vec3(0.86, 0.40, 0.06), vec3(0.97, 0.76, 0.38), vec3(1.00, 0.97, 0.82));

// Colour `k` of the world at `palette`, squared: colours are mixed as light, which keeps them clear.
vec3 paint(int k) {
    float at = clamp(palette, 0.0, 1.0) * float(WORLDS - 1);
    int w = min(int(at), WORLDS - 2);
    vec3 c = mix(COLOURS[4 * w + k], COLOURS[4 * w + 4 + k], smoothstep(0.0, 1.0, at - float(w)));
    return c * c;
}

// Two gradient noises at once, each about -1 to 1: one hash gives both gradients.
vec4 gradients(ivec2 cell) {
    uint h = uint(cell.x) * 0x9e3779b9u ^ (uint(cell.y) * 0x85ebca6bu + 0x3c6ef372u);
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

float height(vec2 p, float t) {
    vec2 q = noise(0.7 * p + vec2(2.3, 6.1) + vec2(0.05, 0.03) * t);
    vec2 swell = noise(p + warp * 0.9 * q + vec2(9.4, 1.2) - vec2(0.04, 0.05) * t);
    vec2 ripple = noise(2.3 * p + warp * 1.1 * swell + vec2(4.4, 15.8) + vec2(-0.05, 0.08) * t);
    return 0.60 * swell.x + 0.22 * sin(4.0 * swell.y + 2.0 * q.y) + 0.22 * detail * ripple.x;
}

// What the mirror sees in the direction `r`: floor, horizon and sky, two soft lamps and a strip of light on the floor.
vec3 studio(vec3 r) {
    float c = cos(angle), s = sin(angle);
    r.xy = mat2(c, s, -s, c) * r.xy;
    float up = r.y + 0.18 * sin(3.0 * r.x + 1.0);
    vec3 light = mix(paint(0), paint(1), smoothstep(-0.62, -0.02, up));
    light = mix(light, mix(paint(1), paint(2), 0.25 + 0.25 * r.x), 0.6 * smoothstep(-0.60, -0.98, up));
    light = mix(light, paint(2), smoothstep(0.02, 0.40, up));
    light = mix(light, mix(paint(0), paint(1), 0.8), smoothstep(0.45, 0.95, up));
    // A dark line under the sky is what makes chrome look like chrome.
    light = mix(light, paint(0), 0.85 * exp(-pow((up - 0.02) / 0.10, 2.0)));
    float lamps = exp(-pow((up - 0.36) / (0.06 + 0.07 * glow), 2.0)) * smoothstep(-0.75, 0.1, r.x);
    lamps += 0.8 * exp(-pow((r.x + 0.62) / (0.05 + 0.08 * glow), 2.0)) * smoothstep(-0.6, 0.2, r.y);
    light += paint(2) * 0.7 * glow * exp(-pow((up + 0.60) / 0.07, 2.0)) * smoothstep(0.6, -0.3, r.x);
    return mix(light, paint(3), clamp(lamps * (0.15 + 1.05 * glow), 0.0, 1.0));
}

void main() {
    float t = TIME * speed;
    vec2 uv = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec2 p = uv * scale + vec2(drift_x, drift_y);
    const float STEP = 0.01;
    float here = height(p, t);
    vec2 slope = (vec2(height(p + vec2(STEP, 0.0), t), height(p + vec2(0.0, STEP), t)) - here) / STEP;
    vec3 n = normalize(vec3(-0.85 * contrast * slope, 1.0));
    vec3 eye = normalize(vec3(0.35 * uv, -1.0));
    vec3 light = studio(reflect(eye, n));
    // Hollows see less of the room; a steep wall mirrors it whole, tinted by the horizon.
    light *= mix(0.76, 1.10, smoothstep(-0.7, 0.5, here));
    light += 0.25 * paint(1) * pow(1.0 - n.z, 2.0);
    gl_FragColor = vec4(sqrt(clamp(light, 0.0, 1.0)), 1.0);
}
