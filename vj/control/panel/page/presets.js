// Presets: cards to be played, auditioned, found and put in order; above them how one is entered.

import { ask, press } from "./connection.js";
import { paramControl } from "./controls.js";
import { cueList } from "./cues.js";
import { button, el, mark, matches, say, searchBox, style, thumbnail } from "./dom.js";
import { onceListed } from "./listed.js";
import { live } from "./preview.js";
import { moved, names, sortable } from "./sortable.js";
import { store, watch } from "./store.js";

const ENTERING = [
    ["stage/transition", "transition"],
    ["stage/transition_s", "time"],
    ["stage/transition_bars", "bars"],
    ["stage/quantise", "waits for"],
];
/** Names, and bytes, of one message. */
const MOST = 64;
const LARGEST = 3800;
/** Whether a click auditions instead of playing; lasts as long as the page. */
let auditioning = false;

/** Fill the tab. */
export function mountPresets(life, root) {
    const view = {
        words: [],
        tags: new Set(),
        life,
        grid: el("ul", { id: "preset-grid", class: "cards" }),
        cards: new Map(),
    };
    const tags = el("div", { class: "tags", role: "group", "aria-label": "Tags" });
    const empty = el("p", { class: "quiet", text: "No preset is like that." });
    root.append(cueList(life), entering(life), tools(life, view), tags, audition(life), view.grid, empty);
    view.empty = empty;
    const dragged = sortable(life, view.grid, { handle: ".handle", may: () => !filtered(view), ondone: order });
    view.draw = () => dragged() || draw(view);
    view.grid.addEventListener("keydown", (event) => byKeys(event, view));
    watch(life, ["lists"], () => {
        drawTags(tags, view);
        view.draw();
    });
    watch(life, ["state/preset", "state/waiting", "state/arrived", "state/audition"], () => markCards(view));
}

const filtered = (view) => view.words.length > 0 || view.tags.size > 0;
const order = (all) => ask("order", "preset/order", ...fitting(all));

/** As many names as one message holds; presets that are not named follow those that are. */
function fitting(all) {
    let bytes = 0;
    const count = all.findIndex((name, i) => (bytes += 2 * name.length + 3) > LARGEST || i >= MOST);
    return count < 0 ? all : all.slice(0, count);
}

function entering(life) {
    const root = el("section", { class: "entering", "aria-label": "How a preset is entered" });
    onceListed(life, (inner) => {
        const found = ENTERING.filter(([id]) => store.params.has(id));
        root.replaceChildren(
            ...found.map(([id, name]) => paramControl(inner, store.params.get(id), { compact: true, name }).root),
        );
    });
    return root;
}

function tools(life, view) {
    const search = searchBox("Find a preset", (words) => {
        view.words = words;
        view.draw();
    });
    const name = el("input", {
        type: "text",
        id: "save-name",
        placeholder: "new name",
        "aria-label": "Name to save as",
        autocomplete: "off",
        maxlength: 60,
    });
    const save = button(
        "Save",
        () => {
            press("preset/save", ...(name.value.trim() ? [name.value.trim()] : []));
            name.value = "";
        },
        { data: { action: "save" }, title: "What is played, as a preset of one's own; without a name one is found" },
    );
    const mode = button(
        "Audition",
        () => {
            auditioning = !auditioning;
            showMode();
        },
        { data: { action: "audition" }, "aria-pressed": "false" },
    );
    const showMode = () => {
        mark(mode, "aria-pressed", String(auditioning));
        view.grid.classList.toggle("auditioning", auditioning);
    };
    const saving = el("span", { class: "saving" }, name, save);
    watch(life, ["state/may"], () => {
        const { audition: mayAudition = false, presets: mayPresets = true } = store.state.may ?? {};
        mode.hidden = !mayAudition;
        if (store.state.may && !mayAudition) auditioning = false;
        saving.hidden = !mayPresets;
        showMode();
    });
    return el(
        "div",
        { class: "tools" },
        search,
        button("◀", () => press("preset/previous"), {
            data: { action: "previous" },
            "aria-label": "previous preset",
            title: "P",
        }),
        button("▶", () => press("preset/next"), { data: { action: "next" }, "aria-label": "next preset", title: "N" }),
        button("Last show", () => press("preset/last"), {
            data: { action: "last" },
            title: "K: what was played when the last show ended",
        }),
        mode,
        saving,
    );
}

function drawTags(root, view) {
    const all = [...new Set(store.lists.presets.flatMap((one) => one.tags ?? []))].sort();
    for (const tag of view.tags) if (!all.includes(tag)) view.tags.delete(tag);
    root.replaceChildren(
        ...all.map((tag) => {
            const chip = button(
                tag,
                () => {
                    if (!view.tags.delete(tag)) view.tags.add(tag);
                    mark(chip, "aria-pressed", String(view.tags.has(tag)));
                    view.draw();
                },
                { class: "tag", "aria-pressed": String(view.tags.has(tag)) },
            );
            return chip;
        }),
    );
    root.hidden = !all.length;
}

function draw(view) {
    const shown = store.lists.presets.filter((one) => fits(one, view));
    const cards = new Map();
    for (const preset of shown) {
        const key = JSON.stringify(preset);
        cards.set(key, view.cards.get(key) ?? card(preset));
    }
    view.cards = cards;
    const wanted = [...cards.values()];
    const same =
        wanted.length === view.grid.childElementCount && wanted.every((one, i) => view.grid.children[i] === one);
    if (!same) {
        const focused = document.activeElement;
        view.grid.replaceChildren(...wanted);
        if (view.grid.contains(focused)) focused.focus();
    }
    view.grid.classList.toggle("fixed", filtered(view));
    view.empty.hidden = wanted.length > 0 || !store.lists.presets.length;
    markCards(view);
}

function fits(preset, view) {
    const text = [preset.name, preset.doc, ...(preset.tags ?? [])].join(" ");
    return matches(view.words, text) && [...view.tags].every((tag) => preset.tags?.includes(tag));
}

function card(preset) {
    const { name, doc, picture, tags = [] } = preset;
    const thumb = thumbnail(picture && `preset/${encodeURIComponent(name)}.jpg?v=${picture}`, name);
    const play = el(
        "button",
        {
            type: "button",
            class: "card",
            data: { preset: name },
            title: doc,
            onclick: () => press(auditioning ? "audition" : "preset", name),
        },
        el("span", { class: "thumb" }, thumb, el("i", { class: "arrived" })),
        el("span", { class: "card-name" }, el("b", { class: "clipped", text: name }), el("span", { class: "badge" })),
        el("span", { class: "card-tags clipped quiet", text: tags.join(" · ") || doc }),
    );
    return el(
        "li",
        { data: { name } },
        play,
        el("span", { class: "handle", "aria-hidden": "true", text: "⠿", title: "drag, or alt and arrow keys" }),
    );
}

function markCards(view) {
    const { preset, waiting, arrived = 1, audition: heard } = store.state;
    for (const item of view.grid.children) {
        const { name } = item.dataset;
        const button = item.firstElementChild;
        const words = [
            name === preset && "playing",
            name === waiting && "waiting",
            name === heard?.preset && "audition",
        ].filter(Boolean);
        say(button.querySelector(".badge"), words.join(" "));
        mark(button, "aria-current", name === preset ? "true" : null);
        button.classList.toggle("waits", name === waiting);
        button.classList.toggle("auditioned", name === heard?.preset);
        style(button.querySelector(".arrived"), "transform", `scaleX(${name === preset && arrived < 1 ? arrived : 0})`);
    }
}

function byKeys(event, view) {
    const item = event.target.closest("[data-name]");
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!item || !by) return;
    event.preventDefault();
    if (!event.altKey)
        return (by < 0 ? item.previousElementSibling : item.nextElementSibling)?.firstElementChild.focus();
    if (filtered(view)) return;
    const all = moved(names(view.grid), item.dataset.name, by);
    order(all);
    // Shown at once; the list that comes says the same.
    const rest = [...view.grid.children].filter((one) => one !== item);
    view.grid.insertBefore(item, rest[all.indexOf(item.dataset.name)] ?? null);
    item.firstElementChild.focus();
}

function audition(life) {
    const img = el("img", { alt: "Audition picture", width: 320, height: 180 });
    const text = el("p", { role: "status" });
    const go = button("GO", () => press("go"), { class: "big accent", data: { action: "go" }, title: "G" });
    const end = button("End", () => press("audition", ""), { data: { action: "audition-end" } });
    const root = el(
        "section",
        { class: "audition", "aria-label": "Audition", hidden: true },
        el("div", { class: "audition-screen" }, img),
        el("div", { class: "audition-side" }, text, el("div", { class: "buttons" }, go, end)),
    );
    live(life, "A", img);
    watch(life, ["state/audition", "state/may"], () => {
        const found = store.state.may?.audition ? store.state.audition : null;
        root.hidden = !found;
        if (!found) return;
        go.disabled = !found.ready;
        say(text, `${found.preset}: ${found.text || (found.ready ? "ready" : "is being made ready…")}`);
    });
    return root;
}
