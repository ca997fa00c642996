/*{
  "DESCRIPTION": "Fades one picture into the other as light does: no dark middle where bright meets dark.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Dissolve"],
  "INPUTS": [
    {"NAME": "startImage", "TYPE": "image"},
    {"NAME": "endImage", "TYPE": "image"},
    {"NAME": "progress", "LABEL": "0 the old picture, 1 the new one", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0},
    {"NAME": "dip", "LABEL": "1 goes through black", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0}
  ]
}*/

// Pictures are in sRGB (IEC 61966-2-1), whose values are not proportional to light: the mean of two is too dark.

vec3 light(vec3 srgb) {
    return mix(srgb / 12.92, pow((srgb + 0.055) / 1.055, vec3(2.4)), step(0.04045, srgb));
}

vec3 srgb(vec3 light) {
    return mix(light * 12.92, 1.055 * pow(max(light, 1e-6), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, light));
}

void main() {
    vec4 old = IMG_THIS_PIXEL(startImage), new = IMG_THIS_PIXEL(endImage);
    float p = clamp(progress, 0.0, 1.0);
    vec3 sum = mix(light(old.rgb), light(new.rgb), p) * (1.0 - 4.0 * dip * p * (1.0 - p));
    vec4 mixed = vec4(srgb(sum), mix(old.a, new.a, p));
    // Both ends to the last bit.
    gl_FragColor = p <= 0.0 ? old : p >= 1.0 ? new : mixed;
}
