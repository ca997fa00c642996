// The cue list of the set, where there is one: GO, back, hold and autopilot as big buttons, and each cue to jump to.

import { press } from "./connection.js";
import { button, el, mark, say } from "./dom.js";
import { store, watch } from "./store.js";

/** The part of the page; hidden where the show has no list. */
export function cueList(life) {
    const now = el("p", { class: "cue-now clipped", role: "status" });
    const go = button("GO", () => press("cue/go"), { class: "big accent", data: { action: "cue-go" }, title: "Enter" });
    const back = button("BACK", () => press("cue/back"), { class: "big", data: { action: "cue-back" } });
    const hold = button("HOLD", () => press("cue/hold"), {
        class: "big",
        data: { action: "cue-hold" },
        "aria-pressed": "false",
        title: "V: the cue goes on though its time is over",
    });
    const auto = button("AUTO", () => press("cue/autopilot"), {
        class: "big",
        data: { action: "cue-auto" },
        "aria-pressed": "true",
        title: "A: cues end by their length",
    });
    const list = el("ol", { class: "cue-list" });
    const buttons = el("div", { class: "cue-buttons" }, go, back, hold, auto);
    const root = el("section", { class: "cues", "aria-label": "Cues", hidden: true }, now, buttons, list);
    let listed = "";
    watch(life, ["state/cues"], () => {
        const found = store.state.cues;
        root.hidden = !found;
        if (!found) return;
        const named = JSON.stringify([found.names, found.presets]);
        if (named !== listed) {
            listed = named;
            list.replaceChildren(...found.names.map((name, i) => jump(name, found.presets[i], i)));
        }
        const { at, auto: by, held, left, names } = found;
        say(now, at < 0 ? `${names.length} cues` : `${at + 1}/${names.length} ${names[at]}${left ? `, ${left} left` : ""}`);
        say(go, at + 1 < names.length ? `GO: ${names[at + 1]}` : "GO");
        go.disabled = at + 1 >= names.length;
        back.disabled = at < 1;
        mark(hold, "aria-pressed", String(held));
        mark(auto, "aria-pressed", String(by));
        [...list.children].forEach((one, i) => mark(one.firstChild, "aria-current", i === at ? "step" : null));
    });
    return root;
}

function jump(name, preset, i) {
    const words = button(name, () => press("cue/jump", i + 1), { title: preset, data: { cue: name } });
    return el("li", {}, words);
}
