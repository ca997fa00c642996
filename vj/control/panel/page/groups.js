// Groups of parameters that open and close; only what is open is on the page.

import { fromNorm, nameOf, toNorm } from "./bounds.js";
import { setValue } from "./connection.js";
import { paramControl } from "./controls.js";
import { el, kept, style } from "./dom.js";
import { now, store, target, watch } from "./store.js";

/** Which groups a hand has opened or closed, of those that it has. */
const open = kept.get("open", {});
/** Groups of so few are shown open within the one that holds them. */
const FEW = 24;

/** A group that opens: `fill(life, box)` makes its inside each time. */
export function group(life, key, title, count, fill, { level = 3, nested = false, startOpen } = {}) {
    let inner = null;
    const box = el("div", { class: "group-inside" });
    const root = el(
        "details",
        { class: nested ? "group nested" : "group", data: { group: key } },
        el(
            "summary",
            {},
            el("span", { class: "group-name", role: "heading", "aria-level": level, text: title }),
            el("span", { class: "quiet", text: count }),
        ),
        box,
    );
    const show = () => {
        if (root.open === (inner !== null)) return;
        if (root.open) {
            inner = life.child();
            fill(inner, box);
        } else {
            inner.end();
            inner = null;
            box.replaceChildren();
        }
    };
    root.open = open[key] ?? startOpen ?? false;
    show();
    root.addEventListener("toggle", () => show(keep(key, root.open)));
    return root;
}

function keep(key, is) {
    open[key] = is;
    kept.set("open", open);
}

/** Controls of parameters, as a grid; points also get a pad and colours a picker. */
export function controls(life, params, prefix = "") {
    const grid = el("div", { class: "params" });
    const taken = new Set();
    for (const param of params) {
        if (taken.has(param.id)) continue;
        const [kind, parts] = family(param, params);
        for (const one of parts) taken.add(one.id);
        if (kind === "one") grid.append(paramControl(life, param, { prefix }).root);
        else grid.append(together(life, kind, parts, prefix));
    }
    return grid;
}

/** ["point" | "colour" | "one", the parameters that belong together with this one, which is their first]. */
function family(param, params) {
    const end = /^(.*[/_])([xry])$/.exec(param.id);
    if (!end || param.kind !== "continuous") return ["one", [param]];
    const part = (letter) => params.find((one) => one.id === end[1] + letter && one.kind === "continuous");
    const colour = ["r", "g", "b"].map(part);
    if (end[2] === "r" && colour.every(Boolean)) return ["colour", [...colour, part("a")].filter(Boolean)];
    const point = [part("x"), part("y")];
    if (end[2] !== "r" && point.every(Boolean)) return ["point", point];
    return ["one", [param]];
}

function together(life, kind, parts, prefix) {
    const name = nameOf({ ...parts[0], unit: "" }, prefix).replace(/[ ·]*[xr]$/, "") || "position";
    const head = kind === "point" ? pad(life, parts[0], parts[1], name) : picker(life, parts, name);
    return el(
        "div",
        { class: `family ${kind}`, role: "group", "aria-label": name },
        head,
        el(
            "div",
            { class: "family-parts" },
            parts.map((one) => paramControl(life, one, { prefix: prefixOf(parts, prefix) }).root),
        ),
    );
}

/** What the parts of a family have in common before their last word, where they have that. */
function prefixOf(parts, prefix) {
    const common = parts[0].id.split("/").slice(0, -1).join("/");
    return common.length > prefix.length ? common : prefix;
}

/** An XY pad: a finger or mouse moves both values; up is more. Keys are on the two sliders beside it. */
function pad(life, x, y, name) {
    const dot = el("i", { class: "pad-dot" });
    const ghost = el("i", { class: "pad-now" });
    const root = el("div", { class: "pad", "aria-hidden": "true", title: `${name}: both at once` }, ghost, dot);
    let drag = null;
    const at = (value, param, up) =>
        up ? 1 - toNorm(param, value ?? param.default) : toNorm(param, value ?? param.default);
    const draw = () => {
        style(dot, "transform", place(at(target(x.id), x), at(target(y.id), y, true)));
        style(ghost, "transform", place(at(now(x.id), x), at(now(y.id), y, true)));
    };
    const give = (dragged) => {
        setValue(x.id, fromNorm(x, drag.x), dragged);
        setValue(y.id, fromNorm(y, drag.y), dragged);
    };
    root.addEventListener("pointerdown", (event) => {
        const box = root.getBoundingClientRect();
        root.setPointerCapture(event.pointerId);
        drag = {
            px: event.clientX,
            py: event.clientY,
            box,
            x: toNorm(x, target(x.id) ?? x.default),
            y: toNorm(y, target(y.id) ?? y.default),
        };
        if (event.shiftKey) return;
        drag.x = clamp((event.clientX - box.left) / box.width);
        drag.y = clamp(1 - (event.clientY - box.top) / box.height);
        give(true);
    });
    root.addEventListener("pointermove", (event) => {
        if (!drag) return;
        const fine = event.shiftKey ? 0.1 : 1;
        drag.x = clamp(drag.x + (fine * (event.clientX - drag.px)) / drag.box.width);
        drag.y = clamp(drag.y - (fine * (event.clientY - drag.py)) / drag.box.height);
        [drag.px, drag.py] = [event.clientX, event.clientY];
        give(true);
    });
    const end = () => {
        if (drag) give(false);
        drag = null;
    };
    root.addEventListener("pointerup", end);
    root.addEventListener("pointercancel", end);
    root.addEventListener("dblclick", () => {
        for (const one of [x, y]) setValue(one.id, one.default);
    });
    watch(life, [`value/${x.id}`, `value/${y.id}`], draw);
    return root;
}

const clamp = (x) => Math.min(Math.max(x, 0), 1);
const place = (x, y) => `translate(${(100 * x).toFixed(2)}%, ${(100 * y).toFixed(2)}%)`;

/** A colour picker for three or four values 0..1. */
function picker(life, parts, name) {
    const input = el("input", { type: "color", "aria-label": `${name}, colour` });
    const text = el("span", { class: "colour-name", text: name });
    input.addEventListener("input", () => {
        const found = [1, 3, 5].map((i) => parseInt(input.value.slice(i, i + 2), 16) / 255);
        found.forEach((value, i) => setValue(parts[i].id, fromNorm({ ...parts[i], curve: "lin" }, value)));
    });
    watch(
        life,
        parts.map((one) => `value/${one.id}`),
        () => {
            const hex = parts
                .slice(0, 3)
                .map((one) => Math.round(255 * toNorm({ ...one, curve: "lin" }, target(one.id) ?? one.default)));
            const found = `#${hex.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
            if (input.value !== found) input.value = found;
        },
    );
    return el("label", { class: "colour-row" }, input, text);
}

/** Parameters by the first so many words of their ids, in their order: Map of prefix → parameters. */
export function byPrefix(params, words) {
    const found = new Map();
    for (const param of params) {
        const key = param.id.split("/").slice(0, words).join("/");
        if (!found.has(key)) found.set(key, []);
        found.get(key).push(param);
    }
    return found;
}

/** A tree: groups by first word, in those with many deeper ids groups by the second. */
export function tree(life, params) {
    return [...byPrefix(params, 1)].map(([key, inside]) =>
        group(
            life,
            key,
            key.replaceAll("_", " "),
            String(inside.length),
            (inner, box) => fillGroup(inner, box, key, inside),
            { level: 2, startOpen: key === "motion" || key === "noise" },
        ),
    );
}

function fillGroup(life, box, key, params) {
    const flat = params.filter((one) => one.id.split("/").length < 3);
    const deep = byPrefix(
        params.filter((one) => one.id.split("/").length >= 3),
        2,
    );
    if (flat.length) box.append(controls(life, flat, key));
    for (const [prefix, inside] of deep) {
        const title = prefix.slice(key.length + 1).replaceAll("_", " ");
        if (deep.size === 1 && !flat.length) box.append(controls(life, inside, prefix));
        else
            box.append(
                group(
                    life,
                    prefix,
                    title,
                    chainCount(prefix, inside),
                    (inner, at) => at.append(controls(inner, inside, prefix)),
                    { nested: true, startOpen: params.length <= FEW },
                ),
            );
    }
}

function chainCount(prefix, inside) {
    const drawn = (store.state.chain ?? []).some((one) => prefix === `fx/${one.name}`);
    return drawn ? `${inside.length}, in the chain` : String(inside.length);
}
