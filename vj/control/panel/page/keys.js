// Keys: the same letters as in the show's window; none of them while somebody writes.

import { press } from "./connection.js";
import { el } from "./dom.js";
import { nudge } from "./strip.js";
import { openTab } from "./tabs.js";

/** key, action, words. */
const ACTIONS = [
    ["b", "blackout", "fade to black, and back"],
    [" ", "freeze", "hold the picture, and go on"],
    ["x", "panic", "the default preset, nothing black, nothing frozen"],
    ["t", "tap", "tap the tempo"],
    ["/", "beat/half", "half the tempo"],
    ["*", "beat/double", "double the tempo"],
    ["o", "beat/shift", "shift by half a beat"],
    ["[", "nudge -5", "beats 5 ms later"],
    ["]", "nudge 5", "beats 5 ms earlier"],
    ["n", "preset/next", "next preset"],
    ["p", "preset/previous", "previous preset"],
    ["k", "preset/last", "what was played when the last show ended"],
    ["g", "go", "play what is auditioned"],
    ["l", "flash_limit", "flash limiter on or off"],
    ["u", "undo", "undo, as ctrl+Z"],
    ["y", "redo", "redo, as ctrl+shift+Z"],
];
const OTHERS = [
    ["1 to 5", "the tabs"],
    ["F", "find in this tab"],
    ["?", "this list"],
    ["arrows", "on a slider: a step; with shift a fine one"],
    ["delete", "on a slider: its default"],
    ["alt+arrows", "on a preset or shader: move it"],
];
const BY_KEY = new Map(ACTIONS.map(([key, name]) => [key, name]));
/** A key that is held down goes on doing these. */
const REPEATED = new Set(["undo", "redo", "nudge -5", "nudge 5"]);
const WRITTEN = "input:not([type=range]):not([type=color]), select, textarea";

/** Begin to listen. */
export function beginKeys() {
    document.addEventListener("keydown", heard);
    // After a click keys belong to the show again, and the space bar to no button.
    document.addEventListener("click", (event) => {
        if (event.detail > 0 && document.activeElement?.matches("button, summary")) document.activeElement.blur();
    });
    document.querySelector("#keys-button").addEventListener("click", showHelp);
    document.addEventListener("change", (event) => event.target.matches("select") && event.target.blur());
}

function heard(event) {
    if (event.defaultPrevented || document.querySelector("dialog[open]") || event.target.matches(WRITTEN))
        return leave(event);
    const name = meant(event);
    if (!name || (event.repeat && !REPEATED.has(name))) return;
    event.preventDefault();
    if (name === "find") document.querySelector("[role=tabpanel]:not([hidden]) .search")?.focus();
    else if (name === "help") showHelp();
    else if (name.startsWith("tab ")) openTab(name.slice(4));
    else if (name.startsWith("nudge ")) nudge(Number(name.slice(6)));
    else press(name);
}

function showHelp() {
    const lines = [...ACTIONS.map(([key, , words]) => [key === " " ? "space" : key.toUpperCase(), words]), ...OTHERS];
    document
        .querySelector("#keys-list")
        .replaceChildren(...lines.flatMap(([key, words]) => [el("dt", { text: key }), el("dd", { text: words })]));
    document.querySelector("#keys").showModal();
}

function leave(event) {
    if (event.key === "Escape") event.target.blur();
}

function meant(event) {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey) {
        if (key === "z") return event.shiftKey ? "redo" : "undo";
        return key === "y" ? "redo" : "";
    }
    if (event.altKey) return "";
    // A button that was reached by keys keeps its space bar.
    if (key === " " && event.target.matches("button, summary, [tabindex]")) return "";
    if (key === "f") return "find";
    if (/^[1-9]$/.test(key)) {
        const tab = document.querySelectorAll("[role=tab]")[Number(key) - 1];
        return tab ? `tab ${tab.dataset.tab}` : "";
    }
    if (key === "?") return "help";
    return BY_KEY.get(key) ?? "";
}
