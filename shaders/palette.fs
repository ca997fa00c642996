/*{
  "DESCRIPTION": "Colour grading with palettes: light and dark of the picture become the colours of one of eight worlds.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Color Effect", "Color Adjustment"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "from the picture's colours (0) to the palette's (1)", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.85, "IDENTITY": 0.0},
    {"NAME": "palette", "LABEL": "which world", "TYPE": "long", "VALUES": [0, 1, 2, 3, 4, 5, 6, 7],
     "LABELS": ["ember", "lagoon", "orchid", "neon", "moss", "copper and ice", "candy", "ink on paper"], "DEFAULT": 0},
    {"NAME": "shift", "LABEL": "turn of the colours within the palette", "UNIT": "turn", "BOUND": "wrap",
     "TYPE": "float", "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0},
    {"NAME": "cycles", "LABEL": "times through the palette from black to white", "TYPE": "float",
     "MIN": 0.5, "MAX": 4.0, "DEFAULT": 1.0},
    {"NAME": "contrast", "LABEL": "contrast before colours are chosen", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.35},
    {"NAME": "keep", "LABEL": "how much of the picture's own hues is kept", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.15}
  ]
}*/

const int STOPS = 5;
const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);
// Five colours a world, from shadow to highlight, chosen by eye.
const vec3 COLOURS[8 * STOPS] = vec3[](
    vec3(0.02, 0.01, 0.05), vec3(0.30, 0.04, 0.12), vec3(0.82, 0.20, 0.08), vec3(0.99, 0.62, 0.16), vec3(1.00, 0.96, 0.78),
    vec3(0.01, 0.03, 0.10), vec3(0.02, 0.18, 0.36), vec3(0.05, 0.50, 0.58), vec3(0.45, 0.85, 0.70), vec3(0.97, 0.99, 0.86),
    vec3(0.05, 0.01, 0.10), vec3(0.28, 0.05, 0.36), vec3(0.72, 0.16, 0.50), vec3(0.98, 0.55, 0.58), vec3(1.00, 0.93, 0.84),
    vec3(0.02, 0.00, 0.08), vec3(0.12, 0.06, 0.62), vec3(0.78, 0.05, 0.82), vec3(0.10, 0.86, 0.96), vec3(0.94, 1.00, 0.88),
    vec3(0.02, 0.04, 0.03), vec3(0.06, 0.20, 0.14), vec3(0.28, 0.46, 0.18), vec3(0.74, 0.76, 0.32), vec3(0.98, 0.95, 0.80),
    vec3(0.03, 0.05, 0.09), vec3(0.12, 0.26, 0.38), vec3(0.46, 0.40, 0.40), vec3(0.90, 0.56, 0.34), vec3(0.93, 0.97, 1.00),
    vec3(0.10, 0.02, 0.16), vec3(0.42, 0.16, 0.62), vec3(0.98, 0.36, 0.58), vec3(0.99, 0.72, 0.52), vec3(0.88, 0.98, 0.90),
    vec3(0.04, 0.04, 0.07), vec3(0.16, 0.18, 0.26), vec3(0.46, 0.45, 0.46), vec3(0.80, 0.76, 0.70), vec3(0.98, 0.95, 0.89));

// A colour of the world at 0..1; past the end it comes back the way it went, so that nothing jumps. Mixed as light.
vec3 world(float x) {
    float at = (1.0 - abs(mod(x, 2.0) - 1.0)) * float(STOPS - 1);
    int i = min(int(at), STOPS - 2);
    vec3 a = COLOURS[STOPS * palette + i], b = COLOURS[STOPS * palette + i + 1];
    return sqrt(mix(a * a, b * b, smoothstep(0.0, 1.0, at - float(i))));
}

// Less than a step of eight bits: hides the steps in wide gradients.
float dither() {
    return (fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))) - 0.5) / 255.0;
}

void main() {
    vec4 here = IMG_THIS_PIXEL(inputImage);
    float y = dot(here.rgb, LUMA);
    float lit = mix(y, y * y * (3.0 - 2.0 * y), contrast) + dither();
    vec3 chosen = world(lit * cycles + 2.0 * shift);
    chosen += keep * (here.rgb - y);
    gl_FragColor = vec4(mix(here.rgb, clamp(chosen, 0.0, 1.0), amount), here.a);
}
