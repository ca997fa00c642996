/*{
  "DESCRIPTION": "A lens that bulges or pinches, and splits light into its colours.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Distortion Effect", "Color Effect"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "bulge", "LABEL": "above 0 the middle swells, below it shrinks", "TYPE": "float",
     "MIN": -1.0, "MAX": 1.0, "DEFAULT": 0.25, "IDENTITY": 0.0},
    {"NAME": "split", "LABEL": "colours apart, growing from the centre outwards", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.2, "IDENTITY": 0.0},
    {"NAME": "shift", "LABEL": "colours apart everywhere, in picture heights", "TYPE": "float",
     "MIN": 0.0, "MAX": 0.25, "DEFAULT": 0.0, "IDENTITY": 0.0},
    {"NAME": "angle", "LABEL": "direction of the shift", "UNIT": "turn", "BOUND": "wrap", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "centre", "LABEL": "centre of the lens", "TYPE": "point2D",
     "MIN": [0.0, 0.0], "MAX": [1.0, 1.0], "DEFAULT": [0.5, 0.5]}
  ]
}*/

const float TURN = 6.2831853;
const int READS = 7;

vec2 mirrored(vec2 uv) {
    return 1.0 - abs(mod(uv, 2.0) - 1.0);
}

float ordered(vec2 pixel) {
    return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
}

// Weights of the primaries at a place 0..1 of the spectrum, red to blue; over the whole they sum up to one another.
vec3 spectrum(float x) {
    return max(1.0 - abs(2.0 * x - vec3(0.0, 1.0, 2.0)), 1e-4);
}

void main() {
    vec2 aspect = vec2(RENDERSIZE.x / RENDERSIZE.y, 1.0);
    vec2 d = (isf_FragNormCoord - centre) * aspect;
    float r2 = dot(d, d);
    // A bell that is flat in the middle and ends smoothly; strong enough to see, too weak to fold the picture over.
    float bell = 4.0 * max(0.5 - r2, 0.0) * max(0.5 - r2, 0.0);
    vec2 q = d * (bulge >= 0.0 ? 1.0 / (1.0 + 1.4 * bulge * bell) : 1.0 - 0.8 * bulge * bell);
    vec2 apart = 0.2 * split * q * r2 * 2.0 + shift * vec2(cos(TURN * angle), sin(TURN * angle));
    // A dither of the start hides that the spectrum is made of few reads.
    float start = ordered(gl_FragCoord.xy);
    int reads = split > 0.0 || shift > 0.0 ? READS : 1;
    vec3 sum = vec3(0.0), weights = vec3(0.0);
    for (int i = 0; i < reads; i++) {
        float x = (float(i) + start) / float(reads);
        vec3 weight = spectrum(x);
        sum += weight * IMG_NORM_PIXEL(inputImage, mirrored(centre + (q + (x - 0.5) * apart) / aspect)).rgb;
        weights += weight;
    }
    gl_FragColor = vec4(sum / weights, 1.0);
}
