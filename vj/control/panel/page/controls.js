// The control of one parameter, by its kind: slider, switch, trigger, choice; with value, marks, MIDI, lock and default.

import { band, bounded, nameOf, read, toNorm, fromNorm, written } from "./bounds.js";
import { ask, fire, press, release, setValue } from "./connection.js";
import { button, el, mark, say } from "./dom.js";
import { favourites } from "./favourites.js";
import { numberField, slider } from "./slider.js";
import { now, rowsOf, store, target, watch } from "./store.js";
import { openTab } from "./tabs.js";

/** A choice of so many or fewer has a button each. */
const FEW = 3;

/** {root, …} of the parameter; prefix: the part of its name that is said elsewhere; compact: without star and more. */
export function paramControl(life, param, { prefix = "", compact = false, name = "" } = {}) {
    const words = name || nameOf(param, prefix);
    const root = el("div", { class: `param ${param.kind}${compact ? " compact" : ""}`, data: { id: param.id } });
    const head = el("div", { class: "param-head" });
    const title = el(
        "span",
        { class: "param-name", title: `${param.id}\n${param.doc}` },
        ...named(words, prefix || compact),
    );
    const chips = el("span", { class: "chips" });
    const body = BODIES[param.kind](life, param);
    if (!compact) head.append(star(life, param));
    head.append(title, ...(compact ? [chips] : []), ...(body.head ?? []));
    if (!compact) head.append(more(life, param, root));
    root.append(head, body.root, ...(compact ? [] : [chips]));
    watch(life, ["state/midi", "state/locked"], () => showChips(chips, root, param));
    return { root };
}

/** The name; out of its group the way there stands over it. */
function named(words, within) {
    const parts = words.split(" · ");
    if (within || parts.length < 2) return [words];
    return [el("span", { class: "param-path", text: parts.slice(0, -1).join(" · ") }), parts.at(-1)];
}

const BODIES = { continuous: sliderBody, toggle: toggleBody, trigger: triggerBody, choice: choiceBody };

const labelOf = (param) => param.id.replaceAll("/", " ").replaceAll("_", " ");

const toDefault = (param) => setValue(param.id, param.default);

function sliderBody(life, param) {
    const made = slider(labelOf(param), param, {
        onvalue: (value, dragged) => setValue(param.id, value, dragged),
        onrelease: () => release(param.id),
        ondefault: () => toDefault(param),
    });
    const field = numberField(
        `${labelOf(param)}, number`,
        (text) => typed(param, text, draw),
        (by) => step(param, by),
    );
    function draw() {
        const value = target(param.id);
        const moved = band(param, value ?? param.default, rowsOf(param.id));
        made.show(value);
        made.showBand(moved);
        made.showNow(value !== undefined && moved ? (now(param.id) ?? null) : null);
        field.show(written(param, value));
    }
    made.settle = draw;
    watch(life, [`value/${param.id}`, "state/rows", "lists"], draw);
    return { root: made.root, head: [field.root, el("span", { class: "unit", text: param.unit })] };
}

function typed(param, text, draw) {
    const value = read(text);
    if (Number.isFinite(value)) setValue(param.id, bounded(param, value));
    draw();
}

function step(param, by) {
    const value = target(param.id) ?? param.default;
    setValue(param.id, fromNorm(param, toNorm(param, value) + by));
}

function toggleBody(life, param) {
    const root = el(
        "button",
        {
            type: "button",
            class: "switch",
            role: "switch",
            "aria-label": labelOf(param),
            "aria-checked": "false",
            onclick: () => setValue(param.id, (target(param.id) ?? 0) >= 0.5 ? 0 : 1),
        },
        el("i", { class: "knob" }),
        el("span", { class: "switch-text" }),
    );
    watch(life, [`value/${param.id}`], () => {
        const on = (target(param.id) ?? 0) >= 0.5;
        mark(root, "aria-checked", String(on));
        say(root.lastChild, target(param.id) === undefined ? "–" : on ? "on" : "off");
    });
    return { root };
}

function triggerBody(life, param) {
    return {
        root: button("Fire", () => fire(param.id), { class: "trigger", "aria-label": `${labelOf(param)}: fire` }),
    };
}

function choiceBody(life, param) {
    return { root: param.choices.length <= FEW ? segments(life, param) : select(life, param) };
}

function segments(life, param) {
    const all = param.choices.map((choice, i) =>
        button(choice, () => setValue(param.id, i), { "aria-pressed": "false" }),
    );
    watch(life, [`value/${param.id}`], () => {
        const value = Math.round(target(param.id) ?? -1);
        all.forEach((one, i) => mark(one, "aria-pressed", String(i === value)));
    });
    return el("div", { class: "segments", role: "group", "aria-label": labelOf(param) }, all);
}

function select(life, param) {
    const root = el(
        "select",
        {
            "aria-label": labelOf(param),
            onchange: () => setValue(param.id, root.selectedIndex),
        },
        param.choices.map((choice) => el("option", { text: choice })),
    );
    watch(life, [`value/${param.id}`], () => {
        const value = Math.round(target(param.id) ?? -1);
        if (root.selectedIndex !== value) root.selectedIndex = value;
    });
    return root;
}

function star(life, param) {
    const root = button("☆", () => favourites.turn(param.id), {
        class: "star",
        "aria-label": `favourite: ${param.id}`,
    });
    watch(life, ["favourites"], () => {
        const is = favourites.has(param.id);
        say(root, is ? "★" : "☆");
        mark(root, "aria-pressed", String(is));
    });
    return root;
}

function showChips(chips, root, param) {
    const { midi, locked } = store.state;
    const found = [];
    if (midi?.learning === param.id) found.push(el("span", { class: "chip learning", text: "move a control…" }));
    for (const one of midi?.controls?.[param.id] ?? []) found.push(el("span", { class: "chip", text: one }));
    if (locked?.includes(param.id)) found.push(el("span", { class: "chip", text: "locked" }));
    const words = found.map((one) => one.textContent).join("|");
    if (chips.dataset.words !== words) {
        chips.dataset.words = words;
        chips.replaceChildren(...found);
    }
    root.classList.toggle("is-learning", midi?.learning === param.id);
}

function more(life, param, root) {
    let inner = null;
    let box = null;
    const opener = button(
        "⋯",
        () => {
            if (box) {
                inner.end();
                box.remove();
                box = null;
            } else {
                inner = life.child();
                box = details(inner, param);
                root.append(box);
            }
            mark(opener, "aria-expanded", String(box !== null));
        },
        { class: "more", "aria-expanded": "false", "aria-label": `${param.id}: what it is, MIDI, lock` },
    );
    return opener;
}

function details(life, param) {
    const learn = button("", () => press("learn", store.state.midi?.learning === param.id ? "" : param.id), {
        data: { action: "learn" },
    });
    const forget = button("Forget MIDI", () => press("forget", param.id), { data: { action: "forget" } });
    const lock = button(
        "",
        () => {
            const on = store.state.locked?.includes(param.id);
            ask(`lock ${param.id}`, on ? "unlock" : "lock", param.id);
        },
        { data: { action: "lock" } },
    );
    const modulate = button("Modulate…", () => openTab("modulation", { target: param.id }));
    const initial = button(`Default ${written(param, param.default)}`, () => toDefault(param));
    const moved = el("p", { class: "quiet" });
    watch(life, ["state/midi", "state/locked", "state/may", "state/rows"], () => {
        const { midi, locked, may } = store.state;
        say(learn, midi?.learning === param.id ? "Stop learning" : "Learn MIDI");
        learn.hidden = forget.hidden = may?.midi === false;
        mark(learn, "aria-pressed", String(midi?.learning === param.id));
        forget.disabled = !midi?.controls?.[param.id]?.length;
        const is = Boolean(locked?.includes(param.id));
        say(lock, is ? "Unlock" : "Lock against presets");
        mark(lock, "aria-pressed", String(is));
        say(
            moved,
            rowsOf(param.id)
                .map((row) => `moved by ${row.signal}`)
                .join(", "),
        );
    });
    return el(
        "div",
        { class: "param-details" },
        el("p", { text: param.doc }),
        el("p", { class: "quiet", text: `/vj/${param.id}${range(param)}` }),
        moved,
        el(
            "div",
            { class: "buttons" },
            learn,
            forget,
            lock,
            param.kind === "continuous" && modulate,
            param.kind !== "trigger" && initial,
        ),
    );
}

function range(param) {
    if (param.kind !== "continuous") return "";
    return `  ${written(param, param.lo)} … ${written(param, param.hi)} ${param.unit}`;
}
