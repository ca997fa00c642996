/*{
  "DESCRIPTION": "Pushes the picture along its own motion: what moves smears, drags the picture with it and melts.",
  "CREDIT": "vj",
  "ISFVSN": "2",
  "CATEGORIES": ["Distortion Effect", "Feedback"],
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "amount", "LABEL": "how far motion pushes; 1 as far as it went, below 0 against it", "TYPE": "float",
     "MIN": -4.0, "MAX": 4.0, "DEFAULT": 1.0, "IDENTITY": 0.0},
    {"NAME": "memory", "LABEL": "seconds until half of a push is forgotten", "UNIT": "s", "TYPE": "float",
     "MIN": 0.02, "MAX": 4.0, "DEFAULT": 0.6},
    {"NAME": "feedback", "LABEL": "seconds until half of the old picture has gone", "UNIT": "s", "TYPE": "float",
     "MIN": 0.0, "MAX": 4.0, "DEFAULT": 0.25},
    {"NAME": "steadiness", "LABEL": "seconds over which motion is averaged", "UNIT": "s", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.1},
    {"NAME": "colour", "LABEL": "motion as light: its direction is the hue", "TYPE": "float",
     "MIN": 0.0, "MAX": 1.0, "DEFAULT": 0.0, "IDENTITY": 0.0}
  ],
  "PASSES": [
    {"TARGET": "light", "PERSISTENT": true, "FLOAT": true, "WIDTH": "ceil($WIDTH / 8)", "HEIGHT": "ceil($HEIGHT / 8)"},
    {"TARGET": "mean", "FLOAT": true, "WIDTH": "1", "HEIGHT": "1"},
    {"TARGET": "far_slopes", "FLOAT": true, "WIDTH": "ceil($WIDTH / 16)", "HEIGHT": "ceil($HEIGHT / 16)"},
    {"TARGET": "far_moves", "FLOAT": true, "WIDTH": "ceil($WIDTH / 16)", "HEIGHT": "ceil($HEIGHT / 16)"},
    {"TARGET": "slopes", "FLOAT": true, "WIDTH": "ceil($WIDTH / 8)", "HEIGHT": "ceil($HEIGHT / 8)"},
    {"TARGET": "motion", "PERSISTENT": true, "FLOAT": true, "WIDTH": "ceil($WIDTH / 8)", "HEIGHT": "ceil($HEIGHT / 8)"},
    {"TARGET": "hues", "WIDTH": "ceil($WIDTH / 8)", "HEIGHT": "ceil($HEIGHT / 8)"},
    {"TARGET": "pushed", "PERSISTENT": true, "WIDTH": "ceil($WIDTH / 2)", "HEIGHT": "ceil($HEIGHT / 2)"},
    {}
  ]
}*/

// Optical flow after B. D. Lucas and T. Kanade, "An Iterative Image Registration Technique with an Application to
// Stereo Vision" (IJCAI 1981): least squares over a window, first coarse, then fine on what the coarse one left over.
// It works on the logarithm of the luma, less the whole picture's mean: one that only flashes is still.
// Moves between two frames are divided by the frame's length; all that lasts has a half-life in seconds.
// Units: parts of the picture (uv), and those per second.

const float TURN = 6.2831853;
const vec3 LUMA = vec3(0.2126, 0.7152, 0.0722);
// Slopes weaker than this, in nepers per texel, count as noise: flat places are still.
const float NOISE = 0.003;
const int REACH = 2;

float dt() {
    return clamp(TIMEDELTA, 0.001, 0.25);
}

// For places up to one picture away; further out the edge goes on.
vec2 mirrored(vec2 uv) {
    return 1.0 - abs(1.0 - abs(uv));
}

// What is left of memories after this frame; at first there are none.
float kept(float half_life) {
    return texelFetch(light, ivec2(0), 0).a < 0.5 ? 0.0 : exp2(-dt() / max(half_life, 1e-5));
}

// The mean luma of the 8 x 8 pixels of this texel, as a logarithm that ends at a dark grey.
float light_here() {
    vec2 pixel = 1.0 / IMG_SIZE(inputImage);
    vec3 sum = vec3(0.0);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++)
            sum += IMG_NORM_PIXEL(inputImage, isf_FragNormCoord + (vec2(x, y) - 1.5) * 2.0 * pixel).rgb;
    return log(dot(sum, LUMA) / 16.0 + 0.08);
}

vec2 mean_light() {
    vec2 sum = vec2(0.0);
    for (int y = 0; y < 12; y++)
        for (int x = 0; x < 16; x++) sum += IMG_NORM_PIXEL(light, (vec2(x, y) + 0.5) / vec2(16.0, 12.0)).rg;
    return sum / 192.0;
}

// (now, last) of `light`, four texels wide.
vec2 far_light(vec2 uv) {
    vec2 t = 1.0 / IMG_SIZE(light);
    vec2 sum = IMG_NORM_PIXEL(light, uv - t).rg + IMG_NORM_PIXEL(light, uv + t).rg
               + IMG_NORM_PIXEL(light, uv + vec2(t.x, -t.y)).rg + IMG_NORM_PIXEL(light, uv + vec2(-t.x, t.y)).rg;
    return 0.25 * sum - IMG_NORM_PIXEL(mean, vec2(0.5)).rg;
}

// Slopes of the two frames' mean along x and y, and how much the luma has changed.
vec3 slopes_of(vec2 left, vec2 right, vec2 below, vec2 above, vec2 here) {
    return vec3(0.25 * (right.x + right.y - left.x - left.y), 0.25 * (above.x + above.y - below.x - below.y),
                here.x - here.y);
}

vec3 far_slopes_here() {
    vec2 uv = isf_FragNormCoord, t = 1.0 / RENDERSIZE;
    return slopes_of(far_light(uv - vec2(t.x, 0.0)), far_light(uv + vec2(t.x, 0.0)), far_light(uv - vec2(0.0, t.y)),
                     far_light(uv + vec2(0.0, t.y)), far_light(uv));
}

// (now, last) where the last frame is moved as the coarse flow says.
vec2 aligned(vec2 uv, vec2 moved) {
    vec2 both = vec2(IMG_NORM_PIXEL(light, uv).r, IMG_NORM_PIXEL(light, uv - moved).g);
    return both - IMG_NORM_PIXEL(mean, vec2(0.5)).rg;
}

vec3 slopes_here() {
    vec2 uv = isf_FragNormCoord, t = 1.0 / RENDERSIZE, moved = IMG_THIS_PIXEL(far_moves).xy;
    return slopes_of(aligned(uv - vec2(t.x, 0.0), moved), aligned(uv + vec2(t.x, 0.0), moved),
                     aligned(uv - vec2(0.0, t.y), moved), aligned(uv + vec2(0.0, t.y), moved), aligned(uv, moved));
}

// Least squares over the window around this texel: (move in texels, share of the change that the move explains).
vec3 solved(sampler2D s) {
    ivec2 here = ivec2(gl_FragCoord.xy), last = textureSize(s, 0) - 1;
    vec3 squares = vec3(0.0), products = vec3(0.0);
    float weights = 0.0;
    for (int y = -REACH; y <= REACH; y++)
        for (int x = -REACH; x <= REACH; x++) {
            vec3 d = texelFetch(s, clamp(here + ivec2(x, y), ivec2(0), last), 0).xyz;
            float w = exp(-0.25 * float(x * x + y * y));
            squares += w * d * d;
            products += w * d.xyx * d.yzz;
            weights += w;
        }
    squares /= weights;
    products /= weights;
    float noise = NOISE * NOISE, xx = squares.x + noise, yy = squares.y + noise, xy = products.x;
    vec2 change = vec2(products.z, products.y);
    vec2 move = -vec2(yy * change.x - xy * change.y, xx * change.y - xy * change.x) / (xx * yy - xy * xy);
    return vec3(move, clamp(-dot(move, change) / (squares.z + 0.1 * noise), 0.0, 1.0));
}

// The coarse move in uv. What is no motion, such as a cut, fits no move and is left out.
vec2 far_move_here() {
    vec3 found = solved(far_slopes);
    return clamp(found.xy, -3.0, 3.0) * smoothstep(0.1, 0.5, found.z) / RENDERSIZE;
}

// What moved here a frame ago. Viscous, by a half-life of a twentieth of a second: streams that meet would tear the
// picture along a line.
vec4 carried() {
    vec2 t = 1.0 / RENDERSIZE, from = isf_FragNormCoord - IMG_THIS_PIXEL(motion).xy * dt();
    vec4 around = IMG_NORM_PIXEL(motion, from + t) + IMG_NORM_PIXEL(motion, from - t)
                  + IMG_NORM_PIXEL(motion, from + vec2(t.x, -t.y)) + IMG_NORM_PIXEL(motion, from + vec2(-t.x, t.y));
    return mix(0.25 * around, IMG_NORM_PIXEL(motion, from), exp2(-20.0 * dt()));
}

// (velocity, displacement); both are carried along by the motion itself.
vec4 motion_here() {
    vec3 rest = solved(slopes);
    vec2 move = IMG_THIS_PIXEL(far_moves).xy + clamp(rest.xy, -1.0, 1.0) * smoothstep(0.0, 0.3, rest.z) / RENDERSIZE;
    vec4 before = carried();
    vec2 velocity = mix(move / dt(), before.xy, kept(steadiness));
    vec2 moved = (before.zw + velocity * dt()) * kept(memory);
    // Softly held to a third of the picture.
    return vec4(velocity, moved / max(1.0, 3.0 * length(moved)));
}

vec4 fresh() {
    return IMG_NORM_PIXEL(inputImage, mirrored(isf_FragNormCoord - amount * IMG_THIS_PIXEL(motion).zw));
}

// With little push there is little of the old picture, and none at 0.
float share_of_old() {
    return min(4.0 * abs(amount), 1.0);
}

// Eight bits would stop a slow fade halfway; a threshold that differs from pixel to frame lets it go on.
float threshold() {
    float frame = 5.588238 * float(FRAMEINDEX & 63);
    return fract(52.9829189 * fract(dot(gl_FragCoord.xy + frame, vec2(0.06711056, 0.00583715)))) - 0.5;
}

// The old picture, carried along, and the new one over it.
vec4 pushed_here() {
    vec4 moves = IMG_THIS_PIXEL(motion);
    vec4 now = IMG_NORM_PIXEL(inputImage, mirrored(isf_FragNormCoord - amount * moves.zw));
    vec4 before = IMG_NORM_PIXEL(pushed, mirrored(isf_FragNormCoord - sign(amount) * moves.xy * dt()));
    vec3 rgb = mix(now.rgb, before.rgb, kept(feedback * share_of_old()));
    return vec4(rgb + threshold() / 255.0, 1.0);
}

// Direction as hue, speed as brightness; white is one picture width a second.
vec3 wheel(vec2 velocity) {
    vec2 v = velocity * vec2(1.0, RENDERSIZE.y / RENDERSIZE.x);
    float speed = length(v);
    vec3 hues = 0.5 + 0.5 * cos(atan(v.y, v.x + 1e-9) - TURN * vec3(0.0, 1.0, 2.0) / 3.0);
    return mix(hues, vec3(1.0), smoothstep(0.3, 1.0, speed)) * (1.0 - exp(-5.0 * speed));
}

void main() {
    if (PASSINDEX == 0) {
        vec4 before = IMG_THIS_PIXEL(light);
        float now = light_here();
        // After a while out of sight the last frame is not the one before this one.
        bool goes_on = FRAMEINDEX > 0 && before.a > 0.0 && abs(TIME - before.b) < TIMEDELTA + 0.5;
        gl_FragColor = goes_on ? vec4(now, before.r, TIME, 1.0) : vec4(now, now, TIME, 0.25);
    }
    if (PASSINDEX == 1) gl_FragColor = vec4(mean_light(), 0.0, 1.0);
    if (PASSINDEX == 2) gl_FragColor = vec4(far_slopes_here(), 1.0);
    if (PASSINDEX == 3) gl_FragColor = vec4(far_move_here(), 0.0, 1.0);
    if (PASSINDEX == 4) gl_FragColor = vec4(slopes_here(), 1.0);
    if (PASSINDEX == 5) gl_FragColor = motion_here();
    if (PASSINDEX == 6) gl_FragColor = vec4(wheel(IMG_THIS_PIXEL(motion).xy), 1.0);
    if (PASSINDEX == 7) gl_FragColor = pushed_here();
    if (PASSINDEX == 8) {
        vec4 sharp = fresh();
        vec3 soft = IMG_THIS_PIXEL(pushed).rgb, apart = abs(sharp.rgb - soft);
        // Half the size is enough for what is smeared; where the two agree the sharp one is seen.
        float old = share_of_old() * smoothstep(0.02, 0.1, max(apart.r, max(apart.g, apart.b)));
        vec3 rgb = mix(sharp.rgb, soft, old) * (1.0 - 0.85 * colour) + IMG_THIS_PIXEL(hues).rgb * colour;
        gl_FragColor = vec4(rgb, sharp.a);
    }
}
