/*{
  "DESCRIPTION": "Edges that glow like neon, over a picture that may go dark under them.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Stylize", "Glow"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "light of the edges", "TYPE": "float",
     "MIN": 0.0, "MAX": 3.0, "DEFAULT": 1.3, "IDENTITY": 0.0},
    {"NAME": "dark", "LABEL": "how dark the picture is under them", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.6, "IDENTITY": 0.0},
    {"NAME": "width", "LABEL": "width of the edges, in picture heights", "TYPE": "float",
     "MIN": 0.001, "MAX": 0.015, "DEFAULT": 0.006},
    {"NAME": "glow", "LABEL": "light around the edges", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "own", "LABEL": "0 the colour chosen, 1 the picture's own", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.45},
    {"NAME": "hue", "LABEL": "colour of the edges", "UNIT": "turn", "BOUND": "wrap", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.53},
    {"NAME": "spread", "LABEL": "how much the colour turns with the direction of an edge", "UNIT": "turn",
     "TYPE": "float", "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.25}
  ],
  "PASSES": [
    {"TARGET": "edges", "WIDTH": "ceil($WIDTH / 2)", "HEIGHT": "ceil($HEIGHT / 2)"},
    {"TARGET": "around", "WIDTH": "ceil($WIDTH / 8)", "HEIGHT": "ceil($HEIGHT / 8)"},
    {}
  ]
}*/

const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);

float lit(vec2 at) { return dot(IMG_NORM_PIXEL(inputImage, at).rgb, LUMA); }

// The slope of the light by H. Scharr's kernel (Optimale Operatoren in der Digitalen Bildverarbeitung, 2000), whose
// answer does not depend on the direction of an edge.
vec2 slope(vec2 d) {
    vec2 uv = isf_FragNormCoord;
    float a = lit(uv + vec2(-d.x, d.y)), b = lit(uv + vec2(0.0, d.y)), c = lit(uv + d);
    float e = lit(uv + vec2(-d.x, 0.0)), f = lit(uv + vec2(d.x, 0.0));
    float g = lit(uv - d), h = lit(uv + vec2(0.0, -d.y)), i = lit(uv + vec2(d.x, -d.y));
    return vec2(3.0 * (c + i - a - g) + 10.0 * (f - e), 3.0 * (a + c - g - i) + 10.0 * (b - h)) / 16.0;
}

// A pure colour of the circle.
vec3 colour(float turns) {
    return clamp(abs(mod(6.0 * turns + vec3(0.0, 4.0, 2.0), 6.0) - 3.0) - 1.0, 0.0, 1.0);
}

// How light an edge is: small slopes are grain, and the steep ones must not all be white.
float strength(float steep) {
    float x = max(steep - 0.02, 0.0) * 2.6;
    return x / (0.5 + x);
}

vec3 edge() {
    // Never less than a pixel, between which there is no slope.
    vec2 d = max(width * vec2(RENDERSIZE.y / RENDERSIZE.x, 1.0), 1.0 / RENDERSIZE), s = slope(d);
    // The cosine of twice the angle: an edge has no front, and opposite slopes are of one colour.
    float direction = 0.5 * (s.x * s.x - s.y * s.y) / max(dot(s, s), 1e-6);
    vec3 here = IMG_THIS_PIXEL(inputImage).rgb;
    vec3 bright = here / max(max(here.r, max(here.g, here.b)), 0.1);
    return mix(colour(hue + spread * direction), bright, own) * strength(length(s));
}

vec3 blurred() {
    vec2 pace = 2.0 / IMG_SIZE(edges);
    vec3 sum = vec3(0.0);
    float weights = 0.0;
    for (int y = -3; y <= 3; y++)
        for (int x = -3; x <= 3; x++) {
            float w = exp(-0.16 * float(x * x + y * y));
            sum += w * IMG_NORM_PIXEL(edges, isf_FragNormCoord + vec2(x, y) * pace).rgb;
            weights += w;
        }
    return sum / weights;
}

void main() {
    if (PASSINDEX == 0) {
        gl_FragColor = vec4(edge(), 1.0);
    } else if (PASSINDEX == 1) {
        gl_FragColor = vec4(blurred(), 1.0);
    } else {
        vec4 here = IMG_THIS_PIXEL(inputImage);
        vec3 light = amount * (IMG_THIS_PIXEL(edges).rgb + 1.6 * glow * IMG_THIS_PIXEL(around).rgb);
        vec3 under = here.rgb * (1.0 - dark);
        // Screened, so that light adds up without burning out at once.
        gl_FragColor = vec4(1.0 - (1.0 - under) * exp(-light), here.a);
    }
}
