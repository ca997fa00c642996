// Modulation: a row for each signal that moves a parameter, and a form that adds one.

import { read } from "./bounds.js";
import { ask } from "./connection.js";
import { el, say } from "./dom.js";
import { LONGEST_S, ModulationRow, rowKey } from "./modulation_row.js";
import { store, watch } from "./store.js";

const COLUMNS = ["signal → target", "last 4 s", "depth", "curve", "attack", "release", "follows", ""];

/** Fill the tab. options.target: what is to be moved by the next row. */
export function mountModulation(life, root, options) {
    const rows = new Map();
    const list = el("ul", { class: "rows" });
    const empty = el("p", { class: "quiet", text: "Nothing is moved by the sound." });
    root.append(adding(life, options.target ?? ""), header(), list, empty);
    life.add(() => rows.forEach((one) => one.end()));
    watch(life, ["state/rows", "lists"], () => {
        draw(list, rows, keyed(store.state.rows ?? []));
        empty.hidden = rows.size > 0;
    });
}

function draw(list, rows, found) {
    for (const [key, one] of rows) {
        if (found.has(key)) continue;
        one.drop();
        one.root.remove();
        rows.delete(key);
    }
    for (const [key, row] of found) {
        if (!rows.has(key)) rows.set(key, new ModulationRow(row));
        rows.get(key).show(row);
    }
    const wanted = [...found.keys()].map((key) => rows.get(key).root);
    if (!wanted.every((one, i) => list.children[i] === one)) list.replaceChildren(...wanted);
}

/** Rows by signal and target; a second one of the same pair is another. */
function keyed(rows) {
    const found = new Map();
    for (const row of rows) {
        let key = rowKey(row.signal, row.target);
        while (found.has(key)) key += "′";
        found.set(key, row);
    }
    return found;
}

function header() {
    const names = COLUMNS.map((text) => el("span", { text }));
    return el("div", { class: "row row-header quiet", "aria-hidden": "true" }, names);
}

/** The form: signal and target are found by writing, from lists. */
function adding(life, wanted) {
    const made = {
        signal: picked("signal-list", "add-signal", ""),
        target: picked("target-list", "add-target", wanted),
        depth: number("add-depth", ""),
        curve: el("select", { id: "add-curve" }),
        attack: number("add-attack", "0.02"),
        release: number("add-release", "0.3"),
        text: el("p", { class: "quiet add-text", role: "status" }),
        signals: el("datalist", { id: "signal-list" }),
        targets: el("datalist", { id: "target-list" }),
    };
    made.signal.addEventListener("input", () => suggest(made));
    made.target.addEventListener("input", () => {
        made.depth.value = "";
        suggest(made);
    });
    watch(life, ["lists"], () => fillLists(made));
    if (wanted) requestAnimationFrame(() => made.signal.focus());
    return formOf(made);
}

function formOf(made) {
    const onsubmit = (event) => {
        event.preventDefault();
        add(made);
    };
    return el(
        "form",
        { class: "adding", "aria-label": "Add a row", onsubmit },
        field("Signal", made.signal),
        field("Target", made.target),
        field("Depth", made.depth),
        field("Curve", made.curve),
        field("Attack s", made.attack),
        field("Release s", made.release),
        el("button", { type: "submit", class: "accent", data: { action: "add-row" }, text: "Add row" }),
        made.signals,
        made.targets,
        made.text,
    );
}

/** What signal and target are, and a depth to begin with: a quarter of the range. */
function suggest({ signal, target, depth, text }) {
    const param = store.params.get(target.value);
    if (param && !depth.value) depth.value = String(Number(((param.hi - param.lo) / 4).toPrecision(2)));
    say(text, [store.signalsByName.get(signal.value)?.doc, param?.doc].filter(Boolean).join(" → "));
}

function add({ signal, target, depth, curve, attack, release, text }) {
    const [far, up_s, down_s] = [depth, attack, release].map((one) => read(one.value));
    const trouble = troubleOf(signal.value, target.value, [far, up_s, down_s]);
    if (trouble) return say(text, trouble);
    const [from, to] = [signal.value, target.value];
    ask(rowKey(from, to), "modulation/set", from, to, far, curve.value, seconds(up_s), seconds(down_s));
    say(text, `${from} moves ${to}`);
    signal.value = target.value = depth.value = "";
}

function troubleOf(signal, target, numbers) {
    if (!store.signalsByName.has(signal)) return "Choose a signal of the list.";
    if (store.params.get(target)?.kind !== "continuous") return "Choose a target of the list.";
    return numbers.every(Number.isFinite) ? "" : "Depth, attack and release are numbers.";
}

const seconds = (value) => Math.min(Math.max(value, 0), LONGEST_S);

function fillLists(made) {
    const option = (value, doc) => el("option", { value, label: doc.slice(0, 60) });
    const moved = store.lists.params.filter((one) => one.kind === "continuous");
    made.signals.replaceChildren(...store.lists.signals.map((one) => option(one.name, one.doc)));
    made.targets.replaceChildren(...moved.map((one) => option(one.id, one.doc)));
    const chosen = made.curve.value;
    made.curve.replaceChildren(...store.lists.curves.map((one) => el("option", { text: one, value: one })));
    made.curve.value = chosen || store.lists.curves[0] || "";
    suggest(made);
}

const WRITING = { type: "text", autocomplete: "off", spellcheck: "false" };
const picked = (list, id, value) => el("input", { ...WRITING, list, id, class: "pick", value });
const number = (id, value) => el("input", { ...WRITING, id, class: "number", inputmode: "decimal", value });
const field = (label, input) => el("label", { class: "field" }, el("span", { text: label }), input);
