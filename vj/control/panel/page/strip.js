// The stage strip: what is seen, heard and counted, and the buttons that must always be at hand.

import { connection, press, setValue, waitingEdits } from "./connection.js";
import { paramControl } from "./controls.js";
import { el, mark, say, style } from "./dom.js";
import { onceListed } from "./listed.js";
import { bar, bars, light } from "./meters.js";
import { live } from "./preview.js";
import { store, target, watch } from "./store.js";

const BANDS = ["sub", "low", "mid", "high"];
/** data-action → action of the show. */
const ACTIONS = {
    blackout: "blackout",
    freeze: "freeze",
    panic: "panic",
    half: "beat/half",
    double: "beat/double",
    shift: "beat/shift",
    tap: "tap",
    undo: "undo",
    redo: "redo",
    flash_limit: "flash_limit",
};
const NOTICES = 3;
const OFFSET = "tempo/offset_ms";
const find = (selector) => document.querySelector(selector);

/** Begin to show it; it lasts as long as the page. */
export function beginStrip(life) {
    const strip = find("#strip");
    strip.addEventListener("click", (event) => {
        const name = ACTIONS[event.target.closest("[data-action]")?.dataset.action];
        if (name) press(name);
        const by = Number(event.target.closest("[data-nudge]")?.dataset.nudge ?? 0);
        if (by) nudge(by);
    });
    live(life, "P", find("#preview"), () => {
        find("#preview").hidden = false;
        find("#no-picture").hidden = true;
    });
    pressed(life, "blackout", "stage/blackout");
    pressed(life, "freeze", "stage/freeze");
    openMore();
    watch(life, ["connection"], showConnection);
    watch(life, ["state/preset", "state/waiting"], showPlaying);
    watch(life, ["state/undo"], showUndo);
    watch(life, ["state/clock"], showClock);
    watch(life, ["value/tempo/offset_ms"], () => say(find("#offset"), `${Math.round(target(OFFSET) ?? 0)} ms`));
    watch(life, ["state/figures", "value/stage/flash_limit"], showFigures);
    watch(life, ["state/recording"], showRecording);
    watch(life, ["state/health"], showHealth);
    watch(life, ["state/notices", "state/faults"], showNotices);
    light(life, "onset", find("#onset-light i"));
    watch(life, ["event/beat"], flareBeat);
    watch(life, ["signal/bar_phase", "state/clock"], showBeats);
    onceListed(life, (inner) => {
        find("#level-row").replaceChildren(bar(inner, "level", "level", { lying: true }));
        find("#band-row").replaceChildren(...bars(inner, "bands", BANDS));
        const source = store.params.get("tempo/source");
        find("#source").replaceChildren(
            ...(source ? [paramControl(inner, source, { compact: true, name: "source" }).root] : []),
        );
    });
}

function pressed(life, action, id) {
    const button = find(`[data-action=${action}]`);
    watch(life, [`value/${id}`], () => mark(button, "aria-pressed", String((target(id) ?? 0) >= 0.5)));
}

/** Beats come so many ms earlier than they did. */
export function nudge(by) {
    const param = store.params.get(OFFSET);
    if (param) setValue(OFFSET, Math.min(Math.max((target(OFFSET) ?? 0) + by, param.lo), param.hi));
}

function openMore() {
    const more = find("#more");
    more.addEventListener("click", () => {
        const open = find("#strip").classList.toggle("open");
        mark(more, "aria-expanded", String(open));
        say(more, open ? "Stage ▴" : "Stage ▾");
    });
}

function showConnection() {
    const box = find("#connection");
    const waits = waitingEdits();
    mark(box, "data-state", connection.open ? "open" : "closed");
    box.classList.toggle("silent", connection.silent);
    document.body.classList.toggle("away", !connection.open || connection.silent);
    const state = connection.open ? (connection.silent ? "show is silent" : "connected") : "no connection";
    say(box, waits ? `${state}, ${waits} to send` : state);
    box.title = connection.refused;
    if (connection.refused) showNotices();
}

function showPlaying() {
    const { preset, waiting } = store.state;
    say(find("#playing"), preset === undefined ? "–" : waiting ? `${preset} → ${waiting}` : preset);
}

function showUndo() {
    const [back, forward] = store.state.undo ?? [0, 0];
    for (const [name, count] of [
        ["undo", back],
        ["redo", forward],
    ]) {
        find(`[data-action=${name}]`).disabled = !count;
        say(find(`#${name}-count`), count > 99 ? "99+" : String(count));
    }
}

function showClock() {
    const { bpm, ruler, says = {}, confidence } = store.state.clock ?? {};
    say(find("#bpm"), bpm === undefined ? "–" : bpm.toFixed(1));
    style(
        find("#bpm"),
        "opacity",
        confidence === undefined || ruler !== "analysis" ? "1" : String(0.55 + 0.45 * confidence),
    );
    const others = Object.entries(says)
        .filter(([name]) => name !== ruler)
        .map(([name, its]) => `${name} ${its.toFixed(1)}`);
    const sure = confidence === undefined ? "" : `, ${Math.round(100 * confidence)} % sure`;
    say(find("#says"), ruler ? `led by ${ruler}${sure}${others.length ? ` · ${others.join(" · ")}` : ""}` : "");
}

/** The signal is told more often than the clock's own count. */
function showBeats() {
    const { beat = 0, per_bar: count = 4 } = store.state.clock ?? {};
    const phase = store.signals.get("bar_phase");
    const at = phase === undefined ? beat - 1 : Math.min(Math.floor(phase * count + 1e-3), count - 1);
    const box = find("#beats");
    if (box.childElementCount !== count) box.replaceChildren(...Array.from({ length: count }, () => el("i")));
    [...box.children].forEach((one, i) => one.classList.toggle("is", i === at));
}

let hadBeat = false;

function flareBeat() {
    const one = find("#beats .is");
    if (hadBeat && one) one.animate([{ transform: "scale(1.5)" }, { transform: "scale(1)" }], { duration: 180 });
    hadBeat = true;
}

const FIGURES = [
    ["frames", (f) => [f.fps?.toFixed(1), "fps"]],
    ["p99", (f) => [f.p99_ms, "ms"]],
    ["network", (f) => [f.network_fps?.toFixed(1), "fps"]],
    ["per picture", (f) => [f.network_ms, "ms"]],
    ["sound to light", (f) => [f.light_ms, "ms"]],
    ["to network", (f) => [f.network_light_ms, "ms"]],
];

function showFigures() {
    const figures = store.state.figures ?? {};
    const list = find("#figures");
    if (!list.childElementCount)
        list.append(...FIGURES.map(([name]) => el("div", {}, el("dt", { text: name }), el("dd", { text: "–" }))));
    FIGURES.forEach(([, read], i) => {
        const [value, unit] = read(figures);
        say(list.children[i].lastChild, value === undefined || value === null ? "–" : `${value} ${unit}`);
    });
    const { size, scale, model, engine } = figures;
    say(
        find("#model"),
        [model, engine, size?.join("×"), scale < 1 && `at ${Math.round(100 * scale)} %`].filter(Boolean).join(" · "),
    );
    showLimit(figures.limited);
}

function showLimit(limited) {
    const on = (target("stage/flash_limit") ?? (limited === null ? 0 : 1)) >= 0.5;
    const button = find("[data-action=flash_limit]");
    mark(button, "aria-pressed", String(on));
    button.classList.toggle("works", on && limited > 0.01);
    say(
        find("#limit-text"),
        on ? `Flash limit ${String(Math.round(100 * (limited ?? 0))).padStart(2, "\u2007")} %` : "Flash limit OFF",
    );
}

function showRecording() {
    const { recording } = store.state;
    say(find("#recording"), recording ? `● ${recording}` : "not recording");
    find("#recording").classList.toggle("is", Boolean(recording));
}

function showHealth() {
    const found = store.state.health ?? [];
    find("#health").replaceChildren(
        ...found.map(({ name, ok, text }) =>
            el(
                "li",
                { class: ok ? "ok" : "bad", title: text },
                el("i", { "aria-hidden": "true" }),
                el("span", { class: "clipped", text: `${name}${ok ? "" : " !"}` }),
            ),
        ),
    );
    const bad = found.filter((one) => !one.ok).map(({ name, text }) => `${name}: ${text}`);
    say(find("#health-text"), bad.join(" · ") || (found.length ? "all processes are well" : ""));
    find("#health-text").title = bad.join("\n");
    find("#health-text").classList.toggle("bad", bad.length > 0);
}

function showNotices() {
    const { notices = [], faults } = store.state;
    const lines = connection.refused ? [...notices, connection.refused] : notices;
    const shown = lines.slice(-NOTICES);
    const list = find("#notices");
    if ([...list.children].map((one) => one.textContent).join("\n") !== shown.join("\n")) {
        list.replaceChildren(...shown.map((text) => el("p", { text, title: text })));
    }
    say(find("#faults"), faults?.count ? `${faults.count} faults, the last: ${faults.last}` : "no faults");
    find("#faults").classList.toggle("bad", Boolean(faults?.count));
}
