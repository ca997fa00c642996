// Bars and lights for signals, drawn by moving what is there and never by laying it out.

import { el, style } from "./dom.js";
import { signal, store, watch } from "./store.js";

/** A bar that stands (or lies) as high as a signal's value in its range. */
export function bar(life, name, label, { lying = false } = {}) {
    const fill = el("i", { class: "bar-fill" });
    const root = el(
        "div",
        { class: lying ? "bar lying" : "bar" },
        el("span", { class: "bar-well", "aria-hidden": "true" }, fill),
        el("span", { class: "bar-label", text: label }),
    );
    watch(life, [`signal/${name}`, "lists"], () => {
        const { lo = 0, hi = 1 } = store.signalsByName.get(name) ?? {};
        const x = Math.min(Math.max((signal(name) - lo) / (hi - lo), 0), 1);
        style(fill, "transform", `${lying ? "scaleX" : "scaleY"}(${x.toFixed(3)})`);
    });
    return root;
}

/** Bars of all parts of a signal, "bands/0" and so on, in their order. */
export function bars(life, prefix, labels) {
    const found = store.lists.signals.filter((one) => one.name.startsWith(`${prefix}/`));
    return found.map((one, i) => bar(life, one.name, labels[i] ?? String(i + 1)));
}

/** A light that flares when something happens. */
export function light(life, event, element) {
    let first = true;
    watch(life, [`event/${event}`], () => {
        if (!first) element.animate([{ opacity: 1 }, { opacity: 0.15 }], { duration: 220, easing: "ease-out" });
        first = false;
    });
}
