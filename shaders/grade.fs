/*{
  "DESCRIPTION": "The last mile of colour: exposure, contrast, saturation, hue, a tint, a vignette and film grain.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Color Adjustment"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "exposure", "LABEL": "exposure in stops", "TYPE": "float",
     "MIN": -3.0, "MAX": 3.0, "DEFAULT": 0.0, "IDENTITY": 0.0},
    {"NAME": "contrast", "LABEL": "contrast around middle grey", "TYPE": "float",
     "MIN": -1.0, "MAX": 1.0, "DEFAULT": 0.15, "IDENTITY": 0.0},
    {"NAME": "saturation", "LABEL": "0 grey, 1 as it is", "TYPE": "float",
     "MIN": 0.0, "MAX": 2.0, "DEFAULT": 1.15, "IDENTITY": 1.0},
    {"NAME": "hue", "LABEL": "turn of the colour circle", "UNIT": "turn", "BOUND": "wrap", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0, "IDENTITY": 0.0},
    {"NAME": "tint", "LABEL": "colour of the light", "TYPE": "color",
     "DEFAULT": [1.0, 1.0, 1.0, 1.0], "IDENTITY": [1.0, 1.0, 1.0, 1.0]},
    {"NAME": "vignette", "LABEL": "darkness of the corners", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.35, "IDENTITY": 0.0},
    {"NAME": "grain", "LABEL": "film grain", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.12, "IDENTITY": 0.0}
  ]
}*/

const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);

// The sine of 2 pi x, x in -0.5 .. 0.5, within 0.0011: two parabolas cost a software renderer less than its sine.
float sine(float x) {
    float y = 16.0 * x * (0.5 - abs(x));
    return y + 0.225 * (y * abs(y) - y);
}

// Turns a colour around the grey axis (Rodrigues' rotation), which leaves greys alone.
vec3 hue_turned(vec3 rgb, float turns) {
    const vec3 axis = vec3(0.57735027);
    float s = sine(turns), c = sine(fract(turns + 0.75) - 0.5);
    return rgb * c + cross(axis, rgb) * s + axis * dot(axis, rgb) * (1.0 - c);
}

// An S-curve through black, middle grey and white; below 0 its flat opposite.
vec3 contrasted(vec3 rgb) {
    vec3 x = clamp(rgb, 0.0, 1.0);
    vec3 steep = x * x * (3.0 - 2.0 * x);
    return contrast >= 0.0 ? mix(x, mix(steep, steep * steep * (3.0 - 2.0 * steep), contrast), contrast)
                           : mix(x, vec3(0.5), -0.8 * contrast);
}

// Two uniform numbers added: a triangular spread, the same for all frames within 1/24 s.
float grain_here() {
    uint frame = uint(int(TIME * 24.0));
    uint h = uint(gl_FragCoord.x) * 1664525u + uint(gl_FragCoord.y) * 22695477u + frame * 747796405u;
    h = (h ^ (h >> 15)) * 0x846ca68bu;
    return (float(h & 0xffffu) + float(h >> 16)) / 65535.0 - 1.0;
}

void main() {
    vec4 here = IMG_THIS_PIXEL(inputImage);
    vec3 rgb = here.rgb * exp2(exposure) * tint.rgb;
    if (hue != 0.0) rgb = hue_turned(rgb, hue);
    // What is brighter than white goes towards white instead of towards the nearest pure colour.
    rgb += 0.4 * max(max(rgb.r, max(rgb.g, rgb.b)) - 1.0, 0.0);
    rgb = contrasted(mix(vec3(dot(rgb, LUMA)), rgb, saturation));
    vec2 d = isf_FragNormCoord - 0.5;
    rgb *= 1.0 - vignette * smoothstep(0.1, 0.62, dot(d, d) * 1.25);
    // Film grain is strongest in the middle tones.
    float mid = dot(rgb, LUMA);
    rgb += grain * 0.35 * grain_here() * (0.25 + 3.0 * mid * (1.0 - mid)) * step(1e-6, grain);
    gl_FragColor = vec4(clamp(rgb, 0.0, 1.0), here.a);
}
