// One modulation row: its ends, a picture of its signal, depth, curve, attack and release, and how it follows.

import { read, written } from "./bounds.js";
import { ask, connection } from "./connection.js";
import { button, el, Life } from "./dom.js";
import { drawFollowing, scope } from "./scope.js";
import { numberField, slider } from "./slider.js";
import { store } from "./store.js";

/** Times on a slider, finer near 0; longer ones can be written. */
const TIME = { lo: 0, hi: 10, curve: "cube", unit: "s" };
export const LONGEST_S = 60;
/** For so long what a hand does is shown rather than what the server says. */
const HELD_MS = 1200;
/** A row that is dragged is told so often. */
const SEND_MS = 33;

/** The key under which edits of a row wait: one row for each signal and target. */
export const rowKey = (signal, target) => `row ${signal} ${target}`;

/** A row on the page: `root`, `show(what the server says)`, `end()`, and `drop()` where the server has it no more. */
export class ModulationRow {
    #mine;
    #at_ms = -Infinity;
    #dragged = false;
    #sending = 0;
    #life = new Life();

    constructor(row) {
        this.#mine = { ...row };
        const name = `${row.signal} to ${row.target}`;
        const field = (key, spec, most) => this.#value(key, name, spec, most);
        this.depth = field("depth", depthSpec(row));
        this.attack = field("attack_s", TIME, LONGEST_S);
        this.release = field("release_s", TIME, LONGEST_S);
        this.curve = this.#curves(name);
        this.follows = el("canvas", { class: "follows", role: "img", "aria-label": "attack and release" });
        this.root = this.#build(row, name);
        const timer = setInterval(() => this.#settle(), HELD_MS / 2);
        this.#life.add(() => clearInterval(timer));
    }

    show(said) {
        if (this.#isHeld()) return;
        this.#mine = { ...said };
        this.#draw();
    }

    end() {
        if (this.#sending) this.#send();
        this.drop();
    }

    drop() {
        clearTimeout(this.#sending);
        this.#sending = 0;
        this.#life.end();
    }

    #build({ signal, target }, name) {
        const picture = el("canvas", { class: "scope", role: "img", "aria-label": `${signal}, the last seconds` });
        scope(this.#life, picture, () => this.#mine);
        const ends = el(
            "span",
            { class: "ends" },
            el("b", { class: "clipped", text: signal, title: signal }),
            el("span", { class: "clipped", text: `→ ${target}`, title: target }),
        );
        const remove = button("✕", () => this.#remove(), { class: "remove", "aria-label": `remove ${name}` });
        const parts = [
            ends,
            picture,
            this.depth.root,
            this.curve,
            this.attack.root,
            this.release.root,
            this.follows,
            remove,
        ];
        return el("li", { class: "row", data: { row: `${signal} ${target}` } }, parts);
    }

    #value(key, name, spec, most) {
        const words = `${key.replace("_s", "")} of ${name}`;
        const release = () => (this.#dragged = false);
        return valueSlider(words, spec, (value, held) => this.#give({ [key]: value }, held), release, most);
    }

    #curves(name) {
        const root = el(
            "select",
            { "aria-label": `curve of ${name}`, onchange: () => this.#give({ curve: root.value }, false) },
            store.lists.curves.map((one) => el("option", { text: one, value: one })),
        );
        return root;
    }

    #give(changes, held) {
        this.#mine = { ...this.#mine, ...changes };
        this.#at_ms = performance.now();
        this.#dragged = held;
        this.#draw();
        this.#sending ||= setTimeout(() => this.#send(), SEND_MS);
    }

    #send() {
        this.#sending = 0;
        const { signal, target, depth, curve, attack_s, release_s } = this.#mine;
        ask(rowKey(signal, target), "modulation/set", signal, target, depth, curve, attack_s, release_s);
    }

    #remove() {
        clearTimeout(this.#sending);
        this.#sending = 0;
        const { signal, target } = this.#mine;
        ask(rowKey(signal, target), "modulation/remove", signal, target);
    }

    #isHeld() {
        return this.#dragged || performance.now() - this.#at_ms < HELD_MS;
    }

    /** After an edit the server's own word counts again. */
    #settle() {
        if (this.#at_ms === -Infinity || this.#isHeld() || !connection.open) return;
        this.#at_ms = -Infinity;
        const { signal, target } = this.#mine;
        const said = (store.state.rows ?? []).find((one) => one.signal === signal && one.target === target);
        if (said) this.show(said);
    }

    #draw() {
        const { depth, curve, attack_s, release_s } = this.#mine;
        this.depth.show(depth);
        this.attack.show(attack_s);
        this.release.show(release_s);
        if (this.curve.value !== curve) this.curve.value = curve;
        requestAnimationFrame(() => this.root.isConnected && drawFollowing(this.follows, attack_s, release_s));
    }
}

/** As deep as the target's range is wide, both ways. */
function depthSpec(row) {
    const param = store.params.get(row.target) ?? { lo: 0, hi: 1, unit: "" };
    const span = Math.max(param.hi - param.lo, Math.abs(row.depth));
    return { lo: -span, hi: span, curve: "lin", unit: param.unit };
}

/** A slider with its number; its default is 0. most: the largest that may be written. */
function valueSlider(label, spec, onvalue, onrelease, most = spec.hi) {
    let shown = 0;
    const [name] = label.split(" ");
    const made = slider(label, spec, { onvalue, onrelease, ondefault: () => onvalue(0, false) });
    const show = (value) => {
        shown = value;
        made.show(value);
        field.show(written(spec, value));
    };
    const field = numberField(`${label}, number`, (text) => {
        const value = read(text);
        if (Number.isFinite(value)) onvalue(Math.min(Math.max(value, spec.lo), most), false);
        show(shown);
    });
    made.settle = () => show(shown);
    const words = el("span", { class: "value-label", "aria-hidden": "true", text: name });
    const unit = el("span", { class: "unit", text: spec.unit });
    return { root: el("span", { class: `value-slider ${name}` }, words, made.root, field.root, unit), show };
}
