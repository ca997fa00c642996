/*{
  "DESCRIPTION": "Oil: dye carried along a slow flow, a wet surface with light from above left.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Generator"],
  "INPUTS": [
    {"NAME": "palette", "LABEL": "hue of the dark end, once round the circle", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.66},
    {"NAME": "span", "LABEL": "how far the hue turns from dark to bright", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.28},
    {"NAME": "warp", "LABEL": "how far the flow carries the dye", "TYPE": "float",
     "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0},
    {"NAME": "bands", "LABEL": "how often the colours repeat", "TYPE": "float",
     "MIN": 0.4, "MAX": 2.5, "DEFAULT": 1.0},
    {"NAME": "symmetry", "LABEL": "five-fold symmetry: none to whole", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "glow", "LABEL": "gloss of the surface", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "scale", "LABEL": "how much of it is in the picture", "TYPE": "float",
     "MIN": 0.5, "MAX": 2.0, "DEFAULT": 1.0},
    {"NAME": "angle", "LABEL": "turns it, in radians", "TYPE": "float",
     "MIN": -1.6, "MAX": 1.6, "DEFAULT": 0.0},
    {"NAME": "speed", "LABEL": "Speed", "TYPE": "float", "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.0}
  ],
  "PASSES": [
    {"TARGET": "carried", "WIDTH": "max($WIDTH / 4.0, 16.0)", "HEIGHT": "max($HEIGHT / 4.0, 16.0)", "FLOAT": true},
    {}
  ]
}*/

// The first pass follows the flow backwards at a quarter of the size, where it is smooth enough to be read between its
// points; the second dyes and lights. Fields are sums of a few waves, as in vj/train/world.

const float GOLDEN = 2.39996323;
const int TURN = 4, DYE = 4, FOLD = 5, STEPS = 6;

mat2 turned(float a) { return mat2(cos(a), sin(a), -sin(a), cos(a)); }

// Wave i of n between `slow` and `fast` cycles a picture: its vector, in radians.
vec2 wave(int i, int n, float slow, float fast, float first) {
    float cycles = slow * pow(fast / slow, (float(i) + 0.5) / float(n)), a = float(i) * GOLDEN + first;
    return 6.2831853 * cycles * vec2(cos(a), sin(a));
}

// Where wave i is on its way: every wave at a pace of its own.
float phase(int i, float seed) { return seed * (1.0 + float(i)) + TIME * speed * (0.11 + 0.045 * float(i)); }

vec2 velocity(vec2 p) {
    vec2 slope = vec2(0.0);
    for (int i = 0; i < TURN; i++) {
        vec2 k = wave(i, TURN, 0.45, 1.6, 0.0);
        float cycles = length(k) / 6.2831853;
        slope += k * cos(dot(k, p) + phase(i, 1.7)) / (cycles * cycles);
    }
    return 0.055 * vec2(-slope.y, slope.x);
}

// The same with turned copies of itself, as far as `symmetry` says.
vec2 flow(vec2 p) {
    vec2 plain = velocity(p);
    if (symmetry <= 0.0) return plain;
    vec2 sum = vec2(0.0);
    for (int i = 0; i < FOLD; i++) {
        mat2 m = turned(6.2831853 * float(i) / float(FOLD));
        sum += velocity(p * m) * transpose(m);
    }
    return mix(plain, sum / sqrt(float(FOLD)), symmetry);
}

// (dye, what mixes the palettes)
vec2 dyes(vec2 p) {
    vec2 sum = vec2(0.0);
    for (int i = 0; i < DYE; i++) {
        vec2 k = wave(i, DYE, 0.5, 2.2, 1.3);
        sum.x += sin(dot(k, p) + phase(i, 4.1)) / (0.7 + 0.45 * float(i));
    }
    sum.y = sin(3.4 * p.x - 4.6 * p.y + phase(1, 2.3)) + 0.6 * sin(5.9 * p.x + 2.2 * p.y + phase(2, 0.6));
    return sum;
}

vec2 dyed(vec2 p) {
    vec2 plain = dyes(p);
    if (symmetry <= 0.0) return plain;
    vec2 sum = vec2(0.0);
    for (int i = 0; i < FOLD; i++) sum += dyes(p * turned(6.2831853 * float(i) / float(FOLD)));
    return mix(plain, sum / sqrt(float(FOLD)), symmetry);
}

// OKLab to linear sRGB (Ottosson 2020).
vec3 oklch(float l, float c, float h) {
    float a = c * cos(h), b = c * sin(h);
    vec3 m = vec3(l + 0.39633778 * a + 0.21580376 * b, l - 0.10556135 * a - 0.06385417 * b,
                  l - 0.08948418 * a - 1.29148555 * b);
    m = m * m * m;
    return vec3(4.07674166 * m.x - 3.30771159 * m.y + 0.23096993 * m.z,
                -1.26843800 * m.x + 2.60975740 * m.y - 0.34131940 * m.z,
                -0.00419609 * m.x - 0.70341861 * m.y + 1.70761470 * m.z);
}

vec3 colour(float t, float hue) {
    float l = mix(0.15, 0.93, t), rich = 0.04 + 0.62 * t * (1.0 - t);
    return clamp(oklch(l, rich, 6.2831853 * (hue + span * t)), 0.0, 1.0);
}

// Where things came from, smooth between the points of the first pass: a cubic B-spline from four linear reads (Sigg and
// Hadwiger, GPU Gems 2, chapter 20). Linear alone would show its points in the light.
vec2 origin(vec2 at) {
    vec2 size = IMG_SIZE(carried), place = at * size - 0.5, f = fract(place), i = place - f;
    vec2 a = (1.0 - f) * (1.0 - f) * (1.0 - f) / 6.0, d = f * f * f / 6.0;
    vec2 b = (4.0 - 6.0 * f * f + 3.0 * f * f * f) / 6.0, c = 1.0 - a - b - d;
    vec2 lo = (i - 0.5 + b / (a + b)) / size, hi = (i + 1.5 + d / (c + d)) / size, g = c + d;
    vec2 top = mix(IMG_NORM_PIXEL(carried, lo).xy, IMG_NORM_PIXEL(carried, vec2(hi.x, lo.y)).xy, g.x);
    vec2 low = mix(IMG_NORM_PIXEL(carried, vec2(lo.x, hi.y)).xy, IMG_NORM_PIXEL(carried, hi).xy, g.x);
    return mix(top, low, g.y);
}

void main() {
    vec2 size = PASSINDEX == 0 ? vec2(IMG_SIZE(carried)) : RENDERSIZE;
    vec2 centred = (isf_FragNormCoord - 0.5) * vec2(size.x / size.y, 1.0);
    if (PASSINDEX == 0) {
        vec2 p = (centred / scale) * turned(angle);
        float dt = warp / float(STEPS);
        for (int i = 0; i < STEPS; i++) p -= dt * flow(p - 0.5 * dt * flow(p));
        gl_FragColor = vec4(p, 0.0, 1.0);
        return;
    }
    vec2 at = isf_FragNormCoord, step = 1.5 / RENDERSIZE;
    vec2 d = dyed(origin(at));
    float dye = d.x * bands, share = 1.0 / (1.0 + exp(-3.0 * d.y));
    float t = 0.5 + 0.4 * sin(1.7 * dye);
    vec3 light = mix(colour(t, palette), colour(t, palette + 0.19), share);
    vec2 right = dyed(origin(at + vec2(step.x, 0.0))), left = dyed(origin(at - vec2(step.x, 0.0)));
    vec2 above = dyed(origin(at + vec2(0.0, step.y))), below = dyed(origin(at - vec2(0.0, step.y)));
    vec2 slope = vec2(right.x - left.x, above.x - below.x) * bands * RENDERSIZE.y / 42.0;
    float even = inversesqrt(1.0 + dot(slope, slope));
    float lit = clamp((0.5 * slope.x + 0.6 * slope.y + 0.9) * even / 1.2, 0.0, 2.0);
    // Folds thinner than a pixel would glitter.
    float shine = pow(clamp((0.45 * slope.x + 0.55 * slope.y + 0.75) * even, 0.0, 1.0), 30.0);
    shine *= smoothstep(9.0, 3.0, length(slope));
    vec3 srgb = pow(light, vec3(1.0 / 2.2)) * (0.5 + 0.55 * lit) + glow * shine;
    gl_FragColor = vec4(min(srgb, 1.0), 1.0);
}
