// Parameters: the tree of all of them, a search, the favourites, and learning of MIDI controls by touch.

import { press } from "./connection.js";
import { button, el, mark, matches, say, searchBox } from "./dom.js";
import { favourites } from "./favourites.js";
import { controls, group, tree } from "./groups.js";
import { onceListed, refill } from "./listed.js";
import { isMacro } from "./macros.js";
import { store, watch } from "./store.js";

/** So many are shown of a search at first. */
const MOST = 60;

/** Fill the tab. */
export function mountParameters(life, root) {
    let words = [];
    let drawn = () => {};
    const list = el("div", { class: "tree" });
    const search = searchBox("Find a parameter", (found) => {
        words = found;
        drawn();
    });
    root.append(
        el("div", { class: "tools" }, search, learning(life)),
        el("p", {
            class: "quiet hint",
            text: "Shift: fine · double click or tap: default · ⋯: MIDI, lock, modulation",
        }),
        starred(life),
        list,
    );
    onceListed(life, (inner) => {
        let shown = inner.child();
        drawn = () => {
            shown.end();
            shown = inner.child();
            fill(shown, list, words);
        };
        drawn();
    });
}

function fill(life, list, words) {
    const params = store.lists.params.filter((one) => !isMacro(one.id));
    if (!words.length) list.replaceChildren(...tree(life, params));
    else
        found(
            life,
            list,
            store.lists.params.filter((one) => matches(words, `${one.id} ${one.doc}`) && !isMacro(one.id)),
            words,
        );
}

function found(life, list, params, words, most = MOST) {
    // Those that are named so come before those that are only described so.
    const named = (one) => (matches(words, one.id) ? 0 : 1);
    const sorted = [...params].sort((a, b) => named(a) - named(b));
    const rest = sorted.length - most;
    list.replaceChildren(
        el("p", { class: "quiet", role: "status", text: `${params.length} found` }),
        controls(life, sorted.slice(0, most)),
        ...(rest > 0
            ? [
                  button(`${rest} more`, () => {
                      const all = life.child();
                      found(all, list, params, words, Infinity);
                  }),
              ]
            : []),
    );
}

function starred(life) {
    const box = el("div", { class: "starred" });
    refill(life, ["lists", "favourites"], (inner) => {
        const params = favourites
            .all()
            .map((id) => store.params.get(id))
            .filter(Boolean);
        box.replaceChildren(
            ...(params.length
                ? [
                      group(
                          inner,
                          "★",
                          "★ favourites",
                          String(params.length),
                          (deeper, at) => at.append(controls(deeper, params)),
                          { level: 2, startOpen: true },
                      ),
                  ]
                : []),
        );
    });
    return box;
}

/** While it is on, what is touched is what the next MIDI control will play. */
function learning(life) {
    const mode = button("MIDI learn", () => turn(!on), { data: { action: "midi-learn" }, "aria-pressed": "false" });
    const text = el("span", { class: "quiet midi-text clipped" });
    let on = false;
    function turn(is) {
        on = is;
        mark(mode, "aria-pressed", String(on));
        document.body.classList.toggle("learning", on);
        if (!on && store.state.midi?.learning) press("learn", "");
    }
    function choose(event) {
        const control = on && event.target.closest("[data-id]");
        if (!control || event.target.closest(".param-details, .more, .star")) return;
        event.preventDefault();
        event.stopPropagation();
        if (event.type === "pointerdown") press("learn", control.dataset.id);
    }
    for (const kind of ["pointerdown", "click"]) {
        document.addEventListener(kind, choose, { capture: true });
        life.add(() => document.removeEventListener(kind, choose, { capture: true }));
    }
    life.add(() => turn(false));
    watch(life, ["state/midi", "state/may"], () => {
        mode.hidden = store.state.may?.midi === false;
        say(text, store.state.midi?.text ?? "");
    });
    return el("span", { class: "midi-learn" }, mode, text);
}
