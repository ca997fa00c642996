/*{
  "DESCRIPTION": "Zoom, twist, running rings and streaks around a centre: made to be hit by the kick drum.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Distortion Effect"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "zoom", "LABEL": "zoom in octaves, above 0 closer", "TYPE": "float",
     "MIN": -2.0, "MAX": 2.0, "DEFAULT": 0.2, "IDENTITY": 0.0},
    {"NAME": "rotate", "LABEL": "turn of the whole picture", "UNIT": "turn", "BOUND": "wrap", "TYPE": "float",
     "MIN": -0.5, "MAX": 0.5, "DEFAULT": 0.0, "IDENTITY": 0.0},
    {"NAME": "twist", "LABEL": "turn at the centre, fading outwards", "UNIT": "turn", "TYPE": "float",
     "MIN": -1.0, "MAX": 1.0, "DEFAULT": 0.12, "IDENTITY": 0.0},
    {"NAME": "ripple", "LABEL": "height of the running rings", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.25, "IDENTITY": 0.0},
    {"NAME": "rings", "LABEL": "rings across the picture's height", "TYPE": "float",
     "MIN": 0.5, "MAX": 16.0, "DEFAULT": 3.0},
    {"NAME": "speed", "LABEL": "rings that leave the centre per second", "UNIT": "Hz", "TYPE": "float",
     "MIN": -4.0, "MAX": 4.0, "DEFAULT": 0.5},
    {"NAME": "streak", "LABEL": "length of the streaks that run outwards", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0, "IDENTITY": 0.0},
    {"NAME": "centre", "LABEL": "centre", "TYPE": "point2D",
     "MIN": [0.0, 0.0], "MAX": [1.0, 1.0], "DEFAULT": [0.5, 0.5]}
  ],
  "PASSES": [
    {"TARGET": "clock", "PERSISTENT": true, "FLOAT": true, "WIDTH": "1", "HEIGHT": "1"},
    {}
  ]
}*/

const float TURN = 6.2831853;
const int STREAK_READS = 16;

vec2 mirrored(vec2 uv) {
    return 1.0 - abs(mod(uv, 2.0) - 1.0);
}

float ordered(vec2 pixel) {
    return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
}

void main() {
    if (PASSINDEX == 0) {
        float turns = IMG_NORM_PIXEL(clock, vec2(0.5)).r + speed * TIMEDELTA;
        gl_FragColor = vec4(fract(FRAMEINDEX == 0 ? speed * TIME : turns), 0.0, 0.0, 1.0);
        return;
    }
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec2 d = (isf_FragNormCoord - centre) * aspect;
    float r = length(d);
    float phase = TURN * (r * rings - IMG_NORM_PIXEL(clock, vec2(0.5)).r);
    // The rings fade in from the centre, where they would be a point of infinite slope.
    float wave = ripple * 0.22 * sin(phase) * smoothstep(0.0, 0.5 / rings, r) / max(rings, 1.0);
    float a = TURN * (rotate + twist * exp(-5.0 * r * r));
    float s = sin(a), c = cos(a);
    vec2 q = mat2(c, s, -s, c) * d * exp2(-zoom);
    q += q / max(r, 1e-4) * wave;
    // One read where there are no streaks. A dither of the start hides that the streaks are made of few reads.
    int reads = streak > 0.0 ? STREAK_READS : 1;
    float start = ordered(gl_FragCoord.xy);
    vec4 sum = vec4(0.0);
    float weights = 0.0;
    for (int i = 0; i < reads; i++) {
        float along = (float(i) + start) / float(reads);
        float weight = 1.0 - 0.8 * along;
        sum += weight * IMG_NORM_PIXEL(inputImage, mirrored(centre + q * (1.0 - 0.6 * streak * along) / aspect));
        weights += weight;
    }
    gl_FragColor = sum / weights;
}
