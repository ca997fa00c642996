/*{
  "DESCRIPTION": "The new picture seeps through the old one in clumps, or where it is bright; the rim glows.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Dissolve"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new one", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "scale", "LABEL": "clumps across the picture's height", "TYPE": "float",
     "MIN": 0.5, "MAX": 16.0, "DEFAULT": 3.0},
    {"NAME": "by_light", "LABEL": "0 in clumps, 1 the brightest of the new picture first", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.35},
    {"NAME": "softness", "LABEL": "width of the rim", "TYPE": "float",
     "MIN": 0.02, "MAX": 1.0, "DEFAULT": 0.16},
    {"NAME": "swell", "LABEL": "how much the rim bends the picture", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.4},
    {"NAME": "glow", "LABEL": "light of the rim", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "tint", "LABEL": "colour of that light", "TYPE": "color",
     "DEFAULT": [1.0, 0.78, 0.52, 1.0]}
  ],
  "PASSES": [
    {"TARGET": "order", "FLOAT": true, "WIDTH": "ceil($WIDTH / 4)", "HEIGHT": "ceil($HEIGHT / 4)"},
    {"TARGET": "rim", "FLOAT": true, "WIDTH": "ceil($WIDTH / 4)", "HEIGHT": "ceil($HEIGHT / 4)"},
    {}
  ]
}*/

// `order` says when a place turns, 0 first to 1 last; it is smooth, so a quarter of the resolution is enough.

const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);

uint scramble(uint x) {
    x ^= x >> 16; x *= 0x7feb352du; x ^= x >> 15; x *= 0x846ca68bu; x ^= x >> 16;
    return x;
}

float dot_at(vec2 cell, vec2 off) {
    uint h = scramble(uint(int(cell.x) + 4096) * 8192u + uint(int(cell.y) + 4096));
    return dot(vec2(float(h & 0xffffu), float(h >> 16)) / 32767.5 - 1.0, off);
}

// Gradient noise, about -0.6..0.6.
float noise(vec2 p) {
    vec2 i = floor(p), f = p - i, u = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    float low = mix(dot_at(i, f), dot_at(i + vec2(1.0, 0.0), f - vec2(1.0, 0.0)), u.x);
    float high = mix(dot_at(i + vec2(0.0, 1.0), f - vec2(0.0, 1.0)), dot_at(i + 1.0, f - 1.0), u.x);
    return mix(low, high, u.y);
}

// Clumps whose borders fold into one another, evenly spread over 0..1, so that as much turns early as late.
float clumps() {
    vec2 p = (isf_FragNormCoord - 0.5) * vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0) * scale + 31.7;
    vec2 fold = 0.7 * vec2(noise(0.8 * p + 5.2), noise(0.8 * p + 47.9));
    float sum = noise(p + fold) + 0.45 * noise(2.1 * p + 2.0 * fold + 9.1) + 0.2 * noise(4.7 * p + 3.0 * fold + 77.3);
    return 1.0 / (1.0 + exp(-9.0 * sum));
}

// The luma around here, so that fine detail does not tear the rim.
float luma(sampler2D picture) {
    vec2 far = 0.012 * vec2(RENDERSIZE.y / RENDERSIZE.x, 1.0);
    vec3 sum = texture(picture, isf_FragNormCoord).rgb;
    for (int i = 0; i < 4; i++)
        sum += texture(picture, isf_FragNormCoord + far * vec2(float(i & 1) * 2.0 - 1.0, float(i & 2) - 1.0)).rgb;
    return dot(sum, LUMA) / 5.0;
}

float order_here() {
    // Of both pictures: what is darker than the new one is overrun first.
    float lighter = luma(endImage) - 0.5 * luma(startImage);
    float late = 1.0 - smoothstep(-0.35, 0.85, lighter);
    return mix(clumps(), late, by_light);
}

float order_at(float x, float y) {
    return IMG_NORM_PIXEL(order, isf_FragNormCoord + vec2(x, y) / RENDERSIZE).r;
}

// How much has turned at a place with this order: 0 everywhere at the start, 1 everywhere at the end.
float turned(float late) {
    float edge = 0.5 * softness;
    return smoothstep(late - edge, late + edge, mix(-edge, 1.0 + edge, clamp(progress, 0.0, 1.0)));
}

void main() {
    if (PASSINDEX == 0) gl_FragColor = vec4(order_here());
    if (PASSINDEX == 1) {
        float share = turned(order_at(0.0, 0.0));
        vec2 slope = vec2(turned(order_at(2.0, 0.0)) - turned(order_at(-2.0, 0.0)),
                          turned(order_at(0.0, 2.0)) - turned(order_at(0.0, -2.0)));
        // Light leaves the rim towards the old picture first.
        gl_FragColor = vec4(share, slope, 4.0 * share * (1.0 - share) * (1.0 - share) * 1.6875);
    }
    if (PASSINDEX == 2) {
        vec4 at = IMG_THIS_PIXEL(rim);
        vec2 bend = 0.06 * swell * at.yz * vec2(RENDERSIZE.y / RENDERSIZE.x, 1.0);
        vec4 old = IMG_NORM_PIXEL(startImage, isf_FragNormCoord + bend);
        vec4 new = IMG_NORM_PIXEL(endImage, isf_FragNormCoord - bend);
        // Squares stand for light: the middle of a soft rim is not darker than its sides.
        vec3 light = mix(old.rgb * old.rgb, new.rgb * new.rgb, at.x);
        light += glow * at.w * tint.rgb * (0.5 + light);
        gl_FragColor = vec4(sqrt(min(light, 1.0)), mix(old.a, new.a, at.x));
    }
}
