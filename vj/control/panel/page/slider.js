// One slider: a real range input, invisible, over a track that shows the value, the modulated value and its band.

import { fromNorm, toNorm, written } from "./bounds.js";
import { el, mark, style } from "./dom.js";

/** Pixels a finger moves before it is a drag and no scrolling; how much finer shift makes it; a double tap, in ms. */
const SLACK = 6;
const FINE = 0.1;
const DOUBLE_MS = 350;
const KEYS = {
    ArrowLeft: -0.01,
    ArrowDown: -0.01,
    ArrowRight: 0.01,
    ArrowUp: 0.01,
    PageDown: -0.1,
    PageUp: 0.1,
    Home: -1,
    End: 1,
};

/**
 * spec      {lo, hi, curve, unit}, as of a parameter
 * onvalue   (value, dragged): set by hand; onrelease: let go; ondefault: double click, double tap, delete
 * Returns {root, input, show(value), showNow(value | null), showBand([a, b] | null)}.
 */
export function slider(label, spec, { onvalue, onrelease = () => {}, ondefault = () => {} }) {
    const natural = spec.curve === "lin" || !spec.curve;
    const input = el("input", {
        type: "range",
        "aria-label": label,
        min: natural ? spec.lo : 0,
        max: natural ? spec.hi : 1,
        step: "any",
    });
    const parts = {
        band: el("i", { class: "band", hidden: true }),
        fill: el("i", { class: "fill" }),
        now: el("i", { class: "now", hidden: true }),
        grip: el("i", { class: "grip" }),
    };
    const track = el("span", { class: "track", "aria-hidden": "true" }, parts.band, parts.fill, parts.now, parts.grip);
    const root = el("span", { class: "slider" }, track, input);
    const zero = spec.lo < 0 && spec.hi > 0 ? toNorm(spec, 0) : 0;
    const self = { root, input, x: zero, spec, pointing: false };

    self.show = (value) => {
        self.x = value === undefined ? zero : toNorm(spec, value);
        if (!self.pointing) input.value = String(natural ? (value ?? 0) : self.x);
        mark(
            input,
            "aria-valuetext",
            value === undefined ? "unknown" : `${written(spec, value)} ${spec.unit ?? ""}`.trim(),
        );
        style(parts.grip, "transform", `translateX(${percent(self.x)})`);
        style(parts.fill, "transform", between(zero, self.x));
    };
    self.showNow = (value) => {
        parts.now.hidden = value === null;
        if (value !== null) style(parts.now, "transform", `translateX(${percent(toNorm(spec, value))})`);
    };
    self.showBand = (range) => {
        parts.band.hidden = range === null;
        if (range) style(parts.band, "transform", between(toNorm(spec, range[0]), toNorm(spec, range[1])));
    };
    const give = (x, dragged) => {
        self.x = Math.min(Math.max(x, 0), 1);
        onvalue(fromNorm(spec, self.x), dragged);
    };

    input.addEventListener("input", () => {
        // While a pointer is on it the drag below decides, in every browser alike.
        if (!self.pointing) onvalue(natural ? Number(input.value) : fromNorm(spec, Number(input.value)), false);
    });
    input.addEventListener("keydown", (event) => keys(event, self, give, ondefault));
    dragging(self, give, onrelease, ondefault);
    return self;
}

const percent = (x) => `${(100 * x).toFixed(2)}%`;
const between = (a, b) => `translateX(${percent(Math.min(a, b))}) scaleX(${Math.abs(b - a).toFixed(4)})`;

function keys(event, self, give, ondefault) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Delete" || event.key === "Backspace") ondefault();
    else if (event.key in KEYS) give(self.x + KEYS[event.key] * (event.shiftKey ? FINE : 1), false);
    else return;
    event.preventDefault();
}

/** A mouse goes where it is pressed; a finger moves the value by as far as it moves; shift is fine. */
function dragging(self, give, onrelease, ondefault) {
    let drag = null;
    let tapped_ms = 0;
    const { input } = self;
    const width = () => Math.max(input.getBoundingClientRect().width, 1);

    function begin(event) {
        if (event.button > 0 || drag) return;
        self.pointing = true;
        const touch = event.pointerType === "touch";
        drag = { id: event.pointerId, x: event.clientX, start: event.clientX, moved: !touch, touch };
        if (!touch) input.setPointerCapture(event.pointerId);
        if (!touch && !event.shiftKey) give((event.clientX - input.getBoundingClientRect().left) / width(), true);
    }
    function move(event) {
        if (event.pointerId !== drag?.id) return;
        if (!drag.moved && Math.abs(event.clientX - drag.start) < SLACK) return;
        const step = (event.clientX - drag.x) / width();
        if (drag.moved && step) give(self.x + step * (event.shiftKey ? FINE : 1), true);
        drag.moved = true;
        drag.x = event.clientX;
    }
    function end(event) {
        if (event.pointerId !== drag?.id) return;
        const { touch, moved } = drag;
        drag = null;
        onrelease();
        // Some browsers set the input themselves after this event.
        setTimeout(() => {
            self.pointing = drag !== null;
            self.settle?.();
        }, 0);
        if (touch && !moved && event.type === "pointerup") tap(event.timeStamp);
    }
    function tap(at_ms) {
        if (at_ms - tapped_ms < DOUBLE_MS) ondefault();
        tapped_ms = at_ms;
    }

    input.addEventListener("pointerdown", begin);
    input.addEventListener("pointermove", move);
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) input.addEventListener(kind, end);
    input.addEventListener("dblclick", () => ondefault());
}

/** A field with a number that can be written: {root, show(text)}; onnumber is given what was written. */
export function numberField(label, onnumber, onstep = () => {}) {
    let shown = "";
    const root = el("input", {
        type: "text",
        class: "number",
        inputmode: "decimal",
        "aria-label": label,
        autocomplete: "off",
        spellcheck: "false",
    });
    const commit = () => root.value !== shown && onnumber(root.value);
    root.addEventListener("change", commit);
    root.addEventListener("focus", () => root.select());
    root.addEventListener("blur", () => {
        root.value = shown;
    });
    root.addEventListener("keydown", (event) => {
        if (event.key === "Enter") commit();
        if (event.key === "Enter" || event.key === "Escape") {
            // What was taken, or was there before, and no second change as the field is left.
            root.value = shown;
            root.blur();
        }
        if (event.key === "ArrowUp" || event.key === "ArrowDown") {
            onstep((event.key === "ArrowUp" ? 1 : -1) * (event.shiftKey ? 0.001 : 0.01));
            event.preventDefault();
        }
    });
    return {
        root,
        show: (text) => {
            const typing = document.activeElement === root && root.value !== shown;
            shown = text;
            if (!typing && root.value !== text) root.value = text;
        },
    };
}
