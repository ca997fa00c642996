/*{
  "DESCRIPTION": "Bends the picture as an oscilloscope bends its line: the sound's own waveform pushes it about.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Distortion Effect", "Audio Reactive"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "sound", "TYPE": "audio", "MAX": 2048},
    {"NAME": "amount", "LABEL": "push of the loudest sound, in picture heights", "TYPE": "float",
     "MIN": -1.0, "MAX": 1.0, "DEFAULT": 0.3, "IDENTITY": 0.0},
    {"NAME": "shape", "LABEL": "which way the picture is bent", "TYPE": "long",
     "VALUES": [0, 1, 2, 3, 4], "LABELS": ["up and down", "sideways", "both", "rings", "star"], "DEFAULT": 0},
    {"NAME": "span", "LABEL": "how much of the sound lies across the picture", "TYPE": "float",
     "MIN": 0.05, "MAX": 1.0, "DEFAULT": 0.5},
    {"NAME": "softness", "LABEL": "0 every sample, 1 long waves only", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.35},
    {"NAME": "memory", "LABEL": "seconds until half of a swing is forgotten", "UNIT": "s", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.03},
    {"NAME": "hold", "LABEL": "waves stand still, as an oscilloscope's trigger holds them", "TYPE": "bool",
     "DEFAULT": true},
    {"NAME": "shine", "LABEL": "light on the slopes of the waves", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.3, "IDENTITY": 0.0}
  ],
  "PASSES": [
    {"TARGET": "start", "FLOAT": true, "WIDTH": "1", "HEIGHT": "1"},
    {"TARGET": "curve", "PERSISTENT": true, "FLOAT": true, "WIDTH": "512", "HEIGHT": "1"},
    {}
  ]
}*/

// The part of the sound that is seen begins where it rises most, so that a tone stands still (a trigger); this needs
// sound to spare, so at most half of it is seen. Its mean is taken out: a constant is silence too.

const float TURN = 6.2831853;
const float SEEN = 0.5;
const int SEARCH = 192;
const int TAPS = 48;

// Left and right at a place 0..1 of the sound, -1..1 and a constant.
vec2 heard(float at) {
    return 2.0 * vec2(IMG_NORM_PIXEL(sound, vec2(at, 0.25)).r, IMG_NORM_PIXEL(sound, vec2(at, 0.75)).r);
}

// (where to start, mean left, mean right)
vec3 start_here() {
    vec2 sum = vec2(0.0);
    for (int i = 0; i < 4 * SEARCH; i++) sum += heard((float(i) + 0.5) / float(4 * SEARCH));
    vec2 mean = sum / float(4 * SEARCH);
    float best = 0.0, start = 1.0 - SEEN;
    for (int i = 0; i < SEARCH; i++) {
        float at = 0.02 + (1.0 - SEEN - 0.02) * float(i) / float(SEARCH), rise = 0.0, level = 0.0;
        for (int k = 1; k <= 4; k++) {
            float later = dot(heard(at + 0.004 * float(k)) - mean, vec2(0.5));
            float sooner = dot(heard(at - 0.004 * float(k)) - mean, vec2(0.5));
            rise += later - sooner;
            level += later + sooner;
        }
        // Steep, and near zero.
        rise -= abs(level);
        if (rise > best) {
            best = rise;
            start = at;
        }
    }
    return vec3(hold ? start : 1.0 - SEEN, mean);
}

// (left, right, slope of left, slope of right) at this place of the picture; slopes are per picture.
vec4 curve_here() {
    vec3 from = IMG_NORM_PIXEL(start, vec2(0.5)).rgb;
    float seen = SEEN * span, width = 0.003 + 0.06 * softness * softness;
    vec2 sum = vec2(0.0), slope = vec2(0.0);
    float weights = 0.0;
    for (int i = -TAPS; i <= TAPS; i++) {
        float off = 2.5 * float(i) / float(TAPS), w = exp(-0.5 * off * off);
        vec2 here = heard(from.x + seen * (isf_FragNormCoord.x + off * width)) - from.yz;
        sum += w * here;
        // The slope of a Gaussian, so that the light fits the curve.
        slope += w * off / width * here;
        weights += w;
    }
    return vec4(sum, slope) / weights;
}

// The place along the curve, for left and for right.
vec2 place(vec2 d, float aspect) {
    vec2 uv = isf_FragNormCoord;
    if (shape == 3) return vec2(2.0 * length(d) / length(vec2(aspect, 1.0)));
    // Up one side and down the other: the curve meets itself.
    if (shape == 4) return vec2(abs(atan(d.x, d.y)) * 2.0 / TURN);
    return shape == 1 ? uv.yy : uv.xy;
}

// How far the left and the right channel push here, in picture heights.
vec2 push(vec2 d, vec2 swing) {
    if (shape == 0) return vec2(0.0, swing.x);
    if (shape == 1) return vec2(swing.x, 0.0);
    if (shape == 2) return vec2(swing.y, swing.x);
    // The centre stays whole.
    return d / (length(d) + 1e-4) * swing.x * smoothstep(0.0, 0.25, length(d));
}

vec2 mirrored(vec2 uv) {
    return 1.0 - abs(mod(uv, 2.0) - 1.0);
}

void main() {
    if (PASSINDEX == 0) gl_FragColor = vec4(start_here(), 1.0);
    if (PASSINDEX == 1) {
        vec4 before = IMG_THIS_PIXEL(curve), now = curve_here();
        float kept = FRAMEINDEX == 0 ? 0.0 : exp2(-TIMEDELTA / max(memory, 1e-5));
        gl_FragColor = mix(now, before, kept);
    }
    if (PASSINDEX == 2) {
        float aspect = RENDERSIZE.x / RENDERSIZE.y;
        vec2 d = (isf_FragNormCoord - 0.5) * vec2(aspect, 1.0), at = place(d, aspect);
        vec4 one = IMG_NORM_PIXEL(curve, vec2(at.x, 0.5)), two = IMG_NORM_PIXEL(curve, vec2(at.y, 0.5));
        vec2 swing = amount * vec2(one.x, two.y);
        vec4 here = IMG_NORM_PIXEL(inputImage, mirrored(isf_FragNormCoord + push(d, swing) / vec2(aspect, 1.0)));
        // A lamp at the upper left.
        float lit = amount * (one.z + (shape == 2 ? two.w : 0.0)) * shine;
        lit = 0.6 * lit / (1.0 + 0.5 * abs(lit));
        gl_FragColor = vec4(clamp(here.rgb * exp2(-lit), 0.0, 1.0), here.a);
    }
}
