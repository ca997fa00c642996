// Sound: where it comes from, what is heard in it, the components to be taught, and all parameters of the analysis.

import { press, setValue } from "./connection.js";
import { button, el, mark, say } from "./dom.js";
import { byPrefix, controls, group } from "./groups.js";
import { onceListed } from "./listed.js";
import { bar, bars, light } from "./meters.js";
import { signal, store, target, watch } from "./store.js";

const NOTES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const FIT = "audio/components/fit";
const FORGET = "audio/components/forget";
const PARTS = [
    ["drums", "drums"],
    ["bass", "bass"],
    ["melody", "melody"],
    ["onset_peak", "onset"],
];

/** Fill the tab. */
export function mountSound(life, root) {
    const meters = el("div", { class: "sound-meters" });
    const tree = el("div", { class: "tree" });
    root.append(device(life), meters, el("h2", { text: "How it is heard" }), tree);
    onceListed(life, (inner) => {
        meters.replaceChildren(...panels(inner));
        tree.replaceChildren(...settings(inner));
    });
}

function device(life) {
    const name = el("b", { class: "clipped" });
    const text = el("span", { class: "quiet" });
    const root = el(
        "section",
        { class: "device", "aria-label": "Sound device" },
        el("i", { class: "dot", "aria-hidden": "true" }),
        name,
        text,
        numbers(life),
    );
    watch(life, ["state/sound"], () => {
        const { device: found, state, rate_hz, lost_s, overflows } = store.state.sound ?? {};
        say(name, found || "no device");
        root.classList.toggle("bad", Boolean(state) && !["open", "ended"].includes(state));
        const trouble = [lost_s > 0 && `${lost_s} s lost`, overflows > 0 && `${overflows} overflows`]
            .filter(Boolean)
            .join(", ");
        say(text, [state, rate_hz && `${rate_hz / 1000} kHz`, trouble || "nothing lost"].filter(Boolean).join(" · "));
    });
    return root;
}

function numbers(life) {
    const root = el("span", { class: "sound-numbers" });
    const shown = [
        ["rms_db", "RMS", "dB"],
        ["lufs", "loudness", "LUFS"],
    ].map(([name, words, unit]) => {
        const value = el("output", { "aria-label": words });
        watch(life, [`signal/${name}`], () =>
            say(value, store.signals.has(name) ? signal(name).toFixed(1).replace("-", "−") : "–"),
        );
        return el(
            "span",
            {},
            el("span", { class: "quiet", text: words }),
            value,
            el("span", { class: "unit", text: unit }),
        );
    });
    root.append(...shown);
    return root;
}

function panels(life) {
    const onset = el("span", { class: "light" }, el("i"), "onset");
    light(life, "onset", onset.firstChild);
    return [
        panel("Bands", bars(life, "bands", ["sub", "low", "mid", "high"])),
        panel(
            "Parts",
            PARTS.filter(([name]) => store.signalsByName.has(name)).map(([name, label]) => bar(life, name, label)),
        ),
        panel("Notes", bars(life, "chroma", NOTES)),
        components(life),
    ];
}

const panel = (title, inside) =>
    el(
        "section",
        { class: "meter-panel", "aria-label": title },
        el("h2", { text: title }),
        el("div", { class: "bar-row" }, inside),
    );

/** Twelve bars, and under each a button: while it is held, that component becomes what is heard. */
function components(life) {
    const all = bars(life, "components", []);
    const fit = store.params.get(FIT);
    const columns = all.map((one, i) => el("div", { class: "component" }, one, fit && learnButton(life, fit, i + 1)));
    const forget =
        store.params.has(FORGET) &&
        button("Forget all", () => press(FORGET, 1), {
            data: { action: "forget-components" },
            title: store.params.get(FORGET).doc,
        });
    return el(
        "section",
        { class: "meter-panel wide", "aria-label": "Components", data: fit ? { id: FIT } : {} },
        el("h2", { text: "Components" }),
        el("div", { class: "bar-row" }, columns),
        el(
            "div",
            { class: "buttons" },
            el("span", {
                class: "quiet",
                text: fit ? "Hold LEARN while a sound is heard: it becomes that component." : "",
            }),
            forget,
        ),
    );
}

function learnButton(life, fit, number) {
    const index = fit.choices.indexOf(String(number));
    if (index < 0) return null;
    let held = false;
    const root = button("learn", () => {}, {
        class: "learn",
        "aria-pressed": "false",
        "aria-label": `learn this sound as component ${number}, while held`,
    });
    const turn = (is) => {
        if (is === held) return;
        held = is;
        setValue(FIT, is ? index : 0);
    };
    const isKey = (event) => event.key === " " || event.key === "Enter";
    root.addEventListener("pointerdown", (event) => {
        root.setPointerCapture(event.pointerId);
        turn(true);
    });
    root.addEventListener("contextmenu", (event) => event.preventDefault());
    for (const kind of ["pointerup", "pointercancel", "blur"]) root.addEventListener(kind, () => turn(false));
    root.addEventListener("keydown", (event) => {
        if (isKey(event)) {
            event.preventDefault();
            turn(true);
        }
    });
    root.addEventListener("keyup", (event) => {
        if (isKey(event)) {
            event.preventDefault();
            turn(false);
        }
    });
    life.add(() => turn(false));
    watch(life, [`value/${FIT}`], () => mark(root, "aria-pressed", String(Math.round(target(FIT) ?? 0) === index)));
    return root;
}

function settings(life) {
    const params = store.lists.params.filter(
        (one) => one.id.startsWith("audio/") && one.id !== FIT && one.id !== FORGET,
    );
    return [...byPrefix(params, 2)].map(([key, inside]) =>
        group(
            life,
            `sound ${key}`,
            key.slice("audio/".length),
            String(inside.length),
            (inner, box) => box.append(controls(inner, inside, key)),
            { startOpen: key === "audio/gain" ? true : undefined },
        ),
    );
}
