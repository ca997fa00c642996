/*{
  "DESCRIPTION": "Feedback: what was seen flies on, zooms, turns and changes colour while it fades.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Feedback"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "how much of the trail is seen", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.7, "IDENTITY": 0.0},
    {"NAME": "half_life", "LABEL": "seconds until a trail has lost half its light", "UNIT": "s", "TYPE": "float",
     "MIN": 0.02, "MAX": 8.0, "DEFAULT": 0.35},
    {"NAME": "mode", "LABEL": "how picture and trail meet", "TYPE": "long",
     "VALUES": [0, 1], "LABELS": ["blend", "lighten"], "DEFAULT": 1},
    {"NAME": "zoom", "LABEL": "octaves per second that the trail comes closer", "UNIT": "oct/s", "TYPE": "float",
     "MIN": -2.0, "MAX": 2.0, "DEFAULT": 0.35},
    {"NAME": "rotate", "LABEL": "turns per second", "UNIT": "turn/s", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.03},
    {"NAME": "drift", "LABEL": "picture heights per second", "TYPE": "point2D",
     "MIN": [-1.0, -1.0], "MAX": [1.0, 1.0], "DEFAULT": [0.0, 0.0]},
    {"NAME": "hue", "LABEL": "turns of the colour circle per second", "UNIT": "turn/s", "TYPE": "float",
     "MIN": -1.0, "MAX": 1.0, "DEFAULT": 0.12}
  ],
  "PASSES": [
    {"TARGET": "trail", "PERSISTENT": true, "FLOAT": true, "WIDTH": "ceil($WIDTH / 3)", "HEIGHT": "ceil($HEIGHT / 3)"},
    {}
  ]
}*/

// All rates are per second and are raised to the frame's length, so that the trail looks the same at any frame rate.

const float TURN = 6.2831853;

vec2 mirrored(vec2 uv) {
    return 1.0 - abs(mod(uv, 2.0) - 1.0);
}

// Turns the chroma of a colour and leaves its luma (YIQ, NTSC weights).
vec3 hue_turned(vec3 rgb, float turns) {
    const vec3 luma = vec3(0.299, 0.587, 0.114);
    float y = dot(rgb, luma);
    float i = dot(rgb, vec3(0.595716, -0.274453, -0.321263));
    float q = dot(rgb, vec3(0.211456, -0.522591, 0.311135));
    float s = sin(TURN * turns), c = cos(TURN * turns);
    vec2 iq = vec2(c * i - s * q, s * i + c * q);
    return vec3(y + dot(iq, vec2(0.9563, 0.6210)), y + dot(iq, vec2(-0.2721, -0.6474)),
                y + dot(iq, vec2(-1.1070, 1.7046)));
}

void main() {
    vec4 here = IMG_THIS_PIXEL(inputImage);
    if (PASSINDEX == 1) {
        // A trail is soft, so a third of the size is enough for it; what is there now stays as sharp as it came.
        vec3 seen = IMG_THIS_PIXEL(trail).rgb;
        gl_FragColor = vec4(mix(here.rgb, mode == 0 ? seen : max(here.rgb, seen), amount), here.a);
        return;
    }
    if (FRAMEINDEX == 0) {
        gl_FragColor = here;
        return;
    }
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    float a = TURN * rotate * TIMEDELTA, s = sin(a), c = cos(a);
    vec2 from = mat2(c, -s, s, c) * ((isf_FragNormCoord - 0.5) * aspect) * exp2(-zoom * TIMEDELTA);
    vec3 before = IMG_NORM_PIXEL(trail, mirrored((from - drift * TIMEDELTA) / aspect + 0.5)).rgb;
    before = clamp(hue_turned(before, hue * TIMEDELTA), 0.0, 1.0);
    float kept = exp2(-TIMEDELTA / half_life);
    vec3 next = mode == 0 ? mix(here.rgb, before, kept) : max(here.rgb, before * kept);
    gl_FragColor = vec4(next, 1.0);
}
