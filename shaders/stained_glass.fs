/*{
  "DESCRIPTION": "A window of leaded glass: panes in many tones of one light, and the sun moving behind them.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "glass: cathedral, iris, dawn, autumn, forest, sea", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "scale", "LABEL": "panes across the picture's height", "TYPE": "float",
     "MIN": 2.4, "MAX": 5.0, "DEFAULT": 3.6},
    {"NAME": "warp", "LABEL": "from honeycomb to panes cut at will", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.7},
    {"NAME": "detail", "LABEL": "streaks and ripples in the glass", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "contrast", "LABEL": "how much panes differ in tone", "TYPE": "float",
     "MIN": 0.4, "MAX": 1.0, "DEFAULT": 0.8},
    {"NAME": "glow", "LABEL": "light of the sun behind", "TYPE": "float",
     "MIN": 0.1, "MAX": 1.0, "DEFAULT": 0.6},
    {"NAME": "drift_x", "LABEL": "moves the window sideways", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0},
    {"NAME": "drift_y", "LABEL": "moves the window up and down", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0},
    {"NAME": "angle", "LABEL": "turns the window, in radians", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0},
    {"NAME": "density", "LABEL": "width of the lead", "TYPE": "float",
     "MIN": 0.5, "MAX": 1.5, "DEFAULT": 1.0},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ]
}*/

// Voronoi cells with exact distances to their edges, after I. Quilez, "Voronoi edges" (2012).

const int WORLDS = 6;
// A world is: four glasses from deep to bright, and the light.
const vec3 COLOURS[5 * WORLDS] = vec3[](
    vec3(0.06, 0.10, 0.50), vec3(0.62, 0.05, 0.14), vec3(0.10, 0.38, 0.82), vec3(0.98, 0.66, 0.14), vec3(1.00, 0.93, 0.76),
    vec3(0.22, 0.05, 0.46), vec3(0.52, 0.16, 0.76), vec3(0.90, 0.28, 0.66), vec3(0.66, 0.66, 0.98), vec3(1.00, 0.90, 0.94),
    vec3(0.42, 0.08, 0.36), vec3(0.88, 0.24, 0.36), vec3(0.98, 0.56, 0.36), vec3(0.96, 0.80, 0.66), vec3(1.00, 0.95, 0.80),
    vec3(0.36, 0.04, 0.08), vec3(0.74, 0.20, 0.06), vec3(0.94, 0.50, 0.08), vec3(0.92, 0.76, 0.22), vec3(1.00, 0.95, 0.74),
    vec3(0.02, 0.24, 0.16), vec3(0.06, 0.46, 0.24), vec3(0.46, 0.66, 0.12), vec3(0.92, 0.80, 0.26), vec3(1.00, 1.00, 0.82),
    vec3(0.03, 0.14, 0.38), vec3(0.02, 0.42, 0.60), vec3(0.10, 0.70, 0.68), vec3(0.70, 0.90, 0.82), vec3(1.00, 0.98, 0.88));

// Colour `k` of the world at `palette`, as light: mixed so, colours stay clear.
vec3 hue(int k) {
    float at = clamp(palette, 0.0, 1.0) * float(WORLDS - 1);
    int w = min(int(at), WORLDS - 2);
    vec3 c = mix(COLOURS[5 * w + k], COLOURS[5 * w + 5 + k], smoothstep(0.0, 1.0, at - float(w)));
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

// The point of a pane, which wanders around the middle of its place in the honeycomb.
vec2 heart(ivec2 cell, float t) {
    uint h = scramble(cell);
    vec2 start = vec2(uvec2(h, h >> 8) & 255u) * 0.0246, pace = 0.12 + vec2(uvec2(h >> 16, h >> 24) & 255u) * 0.0006;
    vec2 middle = vec2(cell) + vec2(0.25 + 0.5 * float(cell.y & 1), 0.5);
    return middle + (0.04 + 0.34 * warp) * sin(start + pace * t);
}

// (pane, distance to its edge, slope across the nearest edge)
struct Pane { ivec2 cell; vec2 heart; float edge; vec2 across; };

Pane pane(vec2 p, float t) {
    ivec2 here = ivec2(floor(p));
    Pane found = Pane(here, p, 9.0, vec2(0.0));
    float nearest = 9.0;
    for (int y = -1; y <= 1; y++) {
        for (int x = -1; x <= 1; x++) {
            vec2 to = heart(here + ivec2(x, y), t) - p;
            if (dot(to, to) < nearest) {
                nearest = dot(to, to);
                found.cell = here + ivec2(x, y);
                found.heart = p + to;
            }
        }
    }
    for (int y = -1; y <= 1; y++) {
        for (int x = -2; x <= 2; x++) {
            vec2 other = heart(found.cell + ivec2(x, y), t), line = other - found.heart;
            float reach = dot(line, line);
            if (reach < 1e-4) continue;
            float edge = dot(0.5 * (other + found.heart) - p, line) * inversesqrt(reach);
            // Rounded where edges meet, as solder is.
            float h = max(0.08 - abs(found.edge - edge), 0.0) / 0.08;
            if (edge < found.edge) found.across = line * inversesqrt(reach);
            found.edge = min(found.edge, edge) - 0.02 * h * h;
        }
    }
    return found;
}

// One of the four glasses, or between two of them.
vec3 glass(float tone) {
    vec3 c = mix(hue(0), hue(1), smoothstep(0.16, 0.30, tone));
    c = mix(c, hue(2), smoothstep(0.42, 0.56, tone));
    return mix(c, hue(3), smoothstep(0.68, 0.82, tone));
}

void main() {
    float t = TIME * speed;
    vec2 p = place();
    Pane f = pane(p, t);
    uint h = scramble(f.cell + 91);
    vec4 own = vec4(uvec4(h, h >> 8, h >> 16, h >> 24) & 255u) / 255.0;
    float field = noise(f.heart * 0.5 + 3.7 + 0.04 * t);
    vec3 c = glass(clamp(0.47 + contrast * (1.05 * (own.x - 0.5) + 0.55 * field), 0.0, 1.0));
    // Streaks as the glass was drawn, each pane its own way.
    vec2 q = turn(6.2832 * own.y) * (p - f.heart);
    float streak = noise(q * vec2(1.2, 4.5) + 40.0 * own.zw), ripple = noise(q * 3.5 + 23.0 + 9.0 * own.wz);
    c *= 1.0 + detail * (0.75 * streak + 0.35 * ripple) + 0.30 * q.y;
    // The sun, and its light in the glass.
    vec2 sun = turn(angle) * (0.26 * scale * vec2(sin(0.17 * t + 0.6), 0.3 + 0.7 * sin(0.13 * t + 1.0)));
    vec2 to = p - sun - vec2(drift_x, drift_y);
    float light = exp(-5.0 * dot(to, to) / (scale * scale));
    c *= 0.50 + (0.45 + 1.4 * glow) * light;
    c += hue(4) * glow * light * (0.10 + 0.30 * own.w * own.w + 0.35 * detail * smoothstep(0.0, 0.8, streak));
    // Painted shade along the lead, then the lead, round and lit from above.
    float w = 0.040 * density, soft = 1.2 * scale / RENDERSIZE.y;
    c *= mix(0.55, 1.0, smoothstep(w, w + 0.09, f.edge));
    float round = clamp(1.0 - f.edge / w, 0.0, 1.0);
    vec3 lead = hue(0) * 0.05 + hue(4) * (0.012 + 0.12 * pow(round, 3.0) * (0.3 + 0.7 * abs(f.across.y)));
    c = mix(lead, c, smoothstep(w - soft, w + soft, f.edge));
    gl_FragColor = vec4(sqrt(clamp(c, 0.0, 1.0)), 1.0);
}
