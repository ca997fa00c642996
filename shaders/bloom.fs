/*{
  "DESCRIPTION": "Light spills from what is bright: a soft halo, wide or long, warm or cool.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Stylize", "Glow"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "light that spills", "TYPE": "float",
     "MIN": 0.0, "MAX": 4.0, "DEFAULT": 1.4, "IDENTITY": 0.0},
    {"NAME": "threshold", "LABEL": "light from which it spills", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "knee", "LABEL": "how softly that begins", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "radius", "LABEL": "width of the halo, in picture heights", "TYPE": "float",
     "MIN": 0.005, "MAX": 0.15, "DEFAULT": 0.06},
    {"NAME": "stretch", "LABEL": "0 round, 1 a streak to both sides, as of an anamorphic lens", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "tint", "LABEL": "colour of the halo", "TYPE": "color", "DEFAULT": [1.0, 0.93, 0.84, 1.0]}
  ],
  "PASSES": [
    {"TARGET": "bright", "WIDTH": "ceil($WIDTH / 6)", "HEIGHT": "ceil($HEIGHT / 6)"},
    {"TARGET": "across", "WIDTH": "ceil($WIDTH / 6)", "HEIGHT": "ceil($HEIGHT / 6)"},
    {"TARGET": "halo", "WIDTH": "ceil($WIDTH / 6)", "HEIGHT": "ceil($HEIGHT / 6)"},
    {}
  ]
}*/

// Halos are soft, so a sixth of the size is enough for them. All blurring is of squares of the colours, which are near
// light: a blur of the colours themselves would make halos dull. Buffers hold roots, as eight bits are few for the dark.

const int READS = 20;

vec3 light(vec3 c) { return c * c; }

// What of a colour is above the threshold; the knee is J. Jimenez's, "Next Generation Post Processing" (SIGGRAPH 2014).
vec3 spilt(vec3 c) {
    float top = max(c.r, max(c.g, c.b)), soft = threshold * knee + 1e-4;
    float rise = clamp(top - threshold + soft, 0.0, 2.0 * soft);
    return c * max(rise * rise / (4.0 * soft), top - threshold) / max(top, 1e-4);
}

// The footprint of a pixel of the small buffer, so that small lights neither flicker nor are missed.
vec3 averaged() {
    vec2 pace = 1.5 / IMG_SIZE(inputImage);
    vec3 sum = vec3(0.0);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++)
            sum += light(IMG_NORM_PIXEL(inputImage, isf_FragNormCoord + (vec2(x, y) - 1.5) * pace).rgb);
    return sum / 16.0;
}

float weight(float x) { return exp(-4.5 * x * x); }

vec2 reach() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    return radius * vec2(1.0 + 4.0 * stretch, 1.0 - 0.8 * stretch) * 2.0 / aspect;
}

void main() {
    if (PASSINDEX == 0) {
        gl_FragColor = vec4(sqrt(spilt(averaged())), 1.0);
        return;
    }
    if (PASSINDEX == 3) {
        vec4 here = IMG_THIS_PIXEL(inputImage);
        // Screened, so that what is white already stays as it is.
        vec3 glow = min(amount * light(IMG_THIS_PIXEL(halo).rgb) * tint.rgb, 1.0);
        gl_FragColor = vec4(amount > 0.0 ? sqrt(1.0 - (1.0 - light(here.rgb)) * (1.0 - glow)) : here.rgb, here.a);
        return;
    }
    vec2 pace = PASSINDEX == 1 ? vec2(reach().x, 0.0) : vec2(0.0, reach().y);
    vec3 sum = vec3(0.0);
    float weights = 0.0;
    for (int i = -READS; i <= READS; i++) {
        float x = float(i) / float(READS), w = weight(x);
        vec2 at = isf_FragNormCoord + pace * x;
        sum += w * light(PASSINDEX == 1 ? IMG_NORM_PIXEL(bright, at).rgb : IMG_NORM_PIXEL(across, at).rgb);
        weights += w;
    }
    gl_FragColor = vec4(sqrt(sum / weights), 1.0);
}
