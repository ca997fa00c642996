/*{
  "DESCRIPTION": "A crust that drifts on something glowing: plates, the cracks between them, and heat along the edges.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "fire: plasma, amethyst, rose, ember, gold, jade", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.05},
    {"NAME": "scale", "LABEL": "plates across the picture", "TYPE": "float",
     "MIN": 2.2, "MAX": 4.6, "DEFAULT": 3.2},
    {"NAME": "warp", "LABEL": "how bent the plates are", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "detail", "LABEL": "roughness of the crust", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "contrast", "LABEL": "how dark the crust is", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.5, "DEFAULT": 1.0},
    {"NAME": "glow", "LABEL": "heat that spreads from the cracks", "TYPE": "float",
     "MIN": 0.3, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the pattern sideways", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the pattern up and down", "TYPE": "float",
     "MIN": -0.6, "MAX": 0.6, "DEFAULT": 0.0},
    {"NAME": "density", "LABEL": "width of the cracks", "TYPE": "float",
     "MIN": 0.4, "MAX": 1.2, "DEFAULT": 0.8},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Voronoi plates with exact borders after I. Quilez, "Voronoi - distances".

const int WORLDS = 6;
// A world is: crust, its worn rims, glow, the hottest line.
const vec3 COLOURS[4 * WORLDS] = vec3[](
    vec3(0.02, 0.06, 0.09), vec3(0.09, 0.21, 0.31), vec3(0.12, 0.63, 0.88), vec3(0.91, 0.98, 1.00),
    vec3(0.05, 0.03, 0.09), vec3(0.23, 0.10, 0.35), vec3(0.75, 0.17, 0.88), vec3(1.00, 0.89, 0.98),
    vec3(0.07, 0.03, 0.07), vec3(0.31, 0.09, 0.22), vec3(0.94, 0.19, 0.44), vec3(1.00, 0.91, 0.85),
    vec3(0.08, 0.04, 0.06), vec3(0.29, 0.11, 0.14), vec3(0.94, 0.31, 0.11), vec3(1.00, 0.94, 0.69),
    vec3(0.09, 0.05, 0.02), vec3(0.35, 0.20, 0.06), vec3(0.94, 0.63, 0.09), vec3(1.00, 0.98, 0.88),
    vec3(0.02, 0.08, 0.05), vec3(0.08, 0.25, 0.17), vec3(0.17, 0.82, 0.44), vec3(0.96, 1.00, 0.78));

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

// Distances to the nearest point and to the border with its neighbour, and a number that is the plate's own.
vec3 plates(vec2 p, float t) {
    vec2 cell = floor(p), best = vec2(0.0);
    float near = 9.0, border = 9.0, own = 0.0;
    for (int k = 0; k < 18; k++) {
        vec2 at = cell + vec2(k % 3, (k / 3) % 3) - 1.0;
        uint h = scramble(ivec2(at));
        vec2 u = vec2(uvec2(h, h >> 10) & 1023u) / 1023.0;
        vec2 to = at + 0.5 + 0.36 * sin(6.2832 * u + 0.25 * t) - p;
        float d = dot(to, to);
        if (k < 9) {
            if (d < near) { near = d; best = to; own = float(h >> 20) / 4095.0; }
        } else if (dot(to - best, to - best) > 1e-4) {
            // Borders that nearly meet are rounded together.
            float edge = dot(0.5 * (best + to), normalize(to - best));
            float w = clamp(0.5 + 0.5 * (edge - border) / 0.07, 0.0, 1.0);
            border = mix(edge, border, w) - 0.07 * w * (1.0 - w);
        }
    }
    return vec3(sqrt(near), border, own);
}

void main() {
    float t = TIME * speed;
    vec2 p = place();
    vec2 bend = vec2(noise(p * 0.8 + 3.1), noise(p * 0.8 + 17.9 + 0.04 * t));
    float rough = noise(p * 2.2 + bend) + 0.5 * noise(p * 4.6 - bend);
    vec3 v = plates(p + warp * 0.75 * bend + 0.05 * detail * rough, t);
    float crack = v.y / (0.10 * density);
    float heat = 0.55 + 0.45 * noise(p * 0.6 + 40.0 + 0.10 * t);
    float rim = exp(-v.y * 7.0 / (0.5 + glow));
    vec3 c = hue(0) * (1.5 - 0.6 * contrast + 0.7 * v.z);
    c = mix(c, hue(1), clamp((0.35 + 0.45 * detail * rough + 0.5 * v.z) * (1.6 - contrast), 0.0, 1.0));
    c += hue(2) * glow * rim * (0.45 + 0.9 * heat);
    c = mix(hue(2) * 1.1, c, smoothstep(0.5, 1.5, crack));
    c = mix(mix(hue(2), hue(3), 0.35 + 0.65 * heat), c, smoothstep(0.15, 0.9, crack));
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}
