// Small pictures of a signal over the last seconds, and of how a row follows it; drawn only where they are in view.

import { reached, shaped } from "./bounds.js";
import { signal, store } from "./store.js";

const SECONDS = 4;
const RATE_HZ = 30;
const LENGTH = SECONDS * RATE_HZ;
const COLOURS = getComputedStyle(document.documentElement);
const colour = (name) => COLOURS.getPropertyValue(name).trim() || "#9aa4b2";
const scopes = new Set();
let timer = 0;

/** Draws what the row's signal does (grey) and what the row makes of it (accent). `row()` is read each time. */
export function scope(life, canvas, row) {
    const mine = {
        canvas,
        row,
        raw: new Float32Array(LENGTH),
        out: new Float32Array(LENGTH),
        at: 0,
        level: 0,
        seen: true,
        pulse: 0,
    };
    const observer = new IntersectionObserver(([entry]) => {
        mine.seen = entry.isIntersecting;
    });
    observer.observe(canvas);
    scopes.add(mine);
    if (!timer) timer = setInterval(step, 1000 / RATE_HZ);
    life.add(() => {
        observer.disconnect();
        scopes.delete(mine);
        if (!scopes.size) timer = void clearInterval(timer) ?? 0;
    });
}

let last_ms = 0;
let odd = false;

function step() {
    const now_ms = performance.now();
    const dt_s = Math.min((now_ms - last_ms) / 1000, 0.2);
    last_ms = now_ms;
    for (const one of scopes) sample(one, dt_s);
    odd = !odd;
    // A picture at every other sample: a pixel is more than that.
    if (odd && !document.hidden)
        requestAnimationFrame(() => {
            for (const one of scopes) if (one.seen) draw(one);
        });
}

function sample(one, dt_s) {
    const { signal: name, curve, attack_s, release_s } = one.row();
    const about = store.signalsByName.get(name) ?? { lo: 0, hi: 1 };
    const value = signal(name);
    const aim = shaped(about, curve, value);
    one.level += (aim - one.level) * reached(dt_s, aim > one.level ? attack_s : release_s);
    one.raw[one.at] = shaped(about, "lin", value);
    one.out[one.at] = curve === "bipolar" ? (one.level + 1) / 2 : one.level;
    one.at = (one.at + 1) % LENGTH;
}

function draw(one) {
    const pen = sized(one.canvas);
    line(pen, one, one.raw, colour("--faint"), 1);
    line(pen, one, one.out, colour("--accent"), 1.75);
}

/** The canvas's context, cleared, with a pixel for each of the screen's. */
function sized(canvas) {
    const scale = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(canvas.clientWidth * scale), Math.round(canvas.clientHeight * scale)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, w, h);
    return pen;
}

function line(pen, { canvas, at }, values, ink, width) {
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    pen.beginPath();
    for (let i = 0; i < LENGTH; i++) pen.lineTo((i / (LENGTH - 1)) * w, h - 2 - values[(at + i) % LENGTH] * (h - 4));
    pen.strokeStyle = ink;
    pen.lineWidth = width;
    pen.stroke();
}

/** How a row with these times follows a signal that is 1 for a third of the picture's time and then 0. */
export function drawFollowing(canvas, attack_s, release_s) {
    const pen = sized(canvas);
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    const span_s = Math.max(3 * attack_s, 1.5 * release_s, 0.5);
    const gate = [
        [0, 0],
        [0, 1],
        [1 / 3, 1],
        [1 / 3, 0],
        [1, 0],
    ];
    path(pen, gate, w, h, colour("--faint"), 1);
    let level = 0;
    const points = Array.from({ length: 61 }, (_, i) => {
        const aim = i <= 20 ? 1 : 0;
        if (i) level += (aim - level) * reached(span_s / 60, aim ? attack_s : release_s);
        return [i / 60, level];
    });
    path(pen, points, w, h, colour("--accent"), 1.75);
}

function path(pen, points, w, h, ink, width) {
    pen.beginPath();
    for (const [x, y] of points) pen.lineTo(1 + x * (w - 2), h - 2 - y * (h - 4));
    pen.strokeStyle = ink;
    pen.lineWidth = width;
    pen.stroke();
}
