/*{
  "DESCRIPTION": "A flower that fills the picture: rings of petals opening from the heart, folded like in a kaleidoscope.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "flower: gentian, orchid, rose, marigold, hellebore, water lily", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.2},
    {"NAME": "scale", "LABEL": "rings of petals in the picture", "TYPE": "float",
     "MIN": 1.6, "MAX": 3.4, "DEFAULT": 2.4},
    {"NAME": "warp", "LABEL": "how the petals twist", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.2},
    {"NAME": "detail", "LABEL": "veins on the petals", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "contrast", "LABEL": "shadow between the petals", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.5, "DEFAULT": 1.0},
    {"NAME": "glow", "LABEL": "light of the heart", "TYPE": "float",
     "MIN": 0.3, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the heart sideways", "TYPE": "float",
     "MIN": -0.4, "MAX": 0.4, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the heart up and down", "TYPE": "float",
     "MIN": -0.4, "MAX": 0.4, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "turns the flower, in radians", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0},
    {"NAME": "folds", "LABEL": "from broad petals to slender ones", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.4},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Rings of petals in polar coordinates, the outermost first.

const int WORLDS = 6;
// A world is: between the petals, petal, its tip, veins and heart.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.05, 0.04, 0.16), vec3(0.25, 0.22, 0.69), vec3(0.75, 0.63, 0.97), vec3(1.00, 0.94, 0.75),
    vec3(0.11, 0.02, 0.16), vec3(0.53, 0.16, 0.66), vec3(0.94, 0.56, 0.82), vec3(1.00, 0.96, 0.78),
    vec3(0.14, 0.02, 0.06), vec3(0.69, 0.09, 0.28), vec3(0.97, 0.60, 0.56), vec3(1.00, 0.94, 0.72),
    vec3(0.13, 0.04, 0.01), vec3(0.75, 0.28, 0.06), vec3(0.97, 0.75, 0.31), vec3(1.00, 0.98, 0.88),
    vec3(0.04, 0.09, 0.02), vec3(0.25, 0.47, 0.09), vec3(0.82, 0.88, 0.38), vec3(1.00, 1.00, 0.94),
    vec3(0.01, 0.10, 0.11), vec3(0.03, 0.47, 0.50), vec3(0.50, 0.88, 0.78), vec3(1.00, 0.97, 0.82));

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

void main() {
    float t = TIME * speed;
    vec2 p = place();
    p += 0.07 * vec2(noise(p * 1.6 + 0.1 * t), noise(p * 1.6 + 12.0 - 0.1 * t));
    float r = length(p), a = atan(p.y, p.x), slender = mix(1.0, 0.55, folds);
    vec3 c = hue(0);
    // From the outermost ring inwards: inner petals lie on outer ones.
    for (int i = 6; i >= 0; i--) {
        float ring = float(i), reach = 0.36 * (ring + 1.0) + 0.05 * sin(0.35 * t + ring);
        float n = 8.0, turn = a + warp * r + 0.3927 * ring + 0.06 * sin(0.2 * t + 0.5 * ring);
        float across = 2.0 * abs(fract(turn * n / 6.2831853) - 0.5);
        across = (1.0 - across) / slender;
        float along = r / reach;
        float shape = along + 0.42 * across * across - 0.10 * cos(3.14159 * min(across, 1.0));
        float w = 2.5 * scale / RENDERSIZE.y / reach;
        float inside = smoothstep(1.0 + w, 1.0 - w, shape);
        float vein = exp(-9.0 * across) + 0.5 * detail * (0.5 + 0.5 * cos(16.0 * across)) * smoothstep(0.2, 0.9, along);
        vec3 petal = mix(hue(1), hue(2), smoothstep(0.35, 1.05, shape));
        petal *= 1.0 - 0.45 * contrast * smoothstep(0.95, 0.25, along) - 0.18 * contrast * across;
        petal += hue(3) * 0.22 * vein * (0.4 + 0.6 * along);
        c *= 1.0 - 0.5 * contrast * smoothstep(1.25, 0.95, shape) * (1.0 - inside) * 0.8;
        c = mix(c, petal, inside);
    }
    c += hue(3) * glow * (0.9 * exp(-18.0 * r * r) + 0.25 * exp(-3.0 * r));
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}
