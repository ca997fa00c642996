// The chain: shaders in the order in which they are drawn, and a gallery of those that can be added.

import { ask } from "./connection.js";
import { paramControl } from "./controls.js";
import { button, el, Life, mark, matches, say, searchBox, thumbnail } from "./dom.js";
import { controls } from "./groups.js";
import { moved, names, sortable } from "./sortable.js";
import { store, watch } from "./store.js";

/** Which shaders show their inputs; lasts as long as the page. */
const opened = new Set();

/** Fill the tab. */
export function mountChain(life, root) {
    const items = new Map();
    const list = el("ol", { class: "chain" });
    const empty = el("p", { class: "quiet", text: "No shader is drawn: the network's picture as it is." });
    root.append(el("h2", { text: "Drawn, the first one first" }), list, empty, gallery(life));
    life.add(() => {
        for (const one of items.values()) one.life.end();
    });
    const dragged = sortable(life, list, { handle: ".handle", ondone: lay });
    let shape = store.shape;
    watch(life, ["state/chain", "state/shader_errors", "lists"], () => {
        if (dragged()) return;
        if (shape !== store.shape) forget(items);
        shape = store.shape;
        draw(list, items);
        empty.hidden = list.childElementCount > 0;
    });
}

const lay = (all) => ask("chain", "chain", ...all);
const chainNames = () => (store.state.chain ?? []).map((one) => one.name);

function forget(items) {
    for (const one of items.values()) one.life.end();
    items.clear();
}

function draw(list, items) {
    const chain = store.state.chain ?? [];
    const drawn = new Set(chain.map((one) => one.name));
    for (const [name, one] of items)
        if (!drawn.has(name)) {
            one.life.end();
            items.delete(name);
        }
    for (const { name, kind } of chain) if (!items.has(name)) items.set(name, entry(list, name, kind));
    for (const { name, error } of chain) items.get(name).show(error || store.state.shader_errors?.[name] || "");
    const wanted = chain.map(({ name }) => items.get(name).root);
    const same = wanted.length === list.childElementCount && wanted.every((one, i) => list.children[i] === one);
    if (same) return;
    const focused = document.activeElement;
    list.replaceChildren(...wanted);
    if (list.contains(focused)) focused.focus();
}

function entry(list, name, kind) {
    const life = new Life();
    const move = (by) => lay(moved(names(list), name, by));
    const of = (part) => store.params.get(`fx/${name}/layer/${part}`);
    const layer = ["on", "opacity", "mode"].map(of).filter(Boolean);
    const error = el("p", { class: "error", role: "alert", hidden: true });
    const root = el(
        "li",
        { class: "chain-item", data: { name, shader: name } },
        el("span", { class: "handle", "aria-hidden": "true", text: "⠿" }),
        el(
            "span",
            { class: "chain-name" },
            el("b", { class: "clipped", text: name.replaceAll("_", " ") }),
            el("span", { class: "quiet", text: kind }),
        ),
        el(
            "span",
            { class: "chain-moves" },
            button("▲", () => move(-1), { "aria-label": `${name}: earlier` }),
            button("▼", () => move(+1), { "aria-label": `${name}: later` }),
        ),
        layer.map((param) => paramControl(life, param, { compact: true, name: param.id.split("/").at(-1) }).root),
        inputsButton(life, name),
        button("✕", () => lay(chainNames().filter((one) => one !== name)), {
            class: "remove",
            "aria-label": `remove ${name}`,
        }),
        error,
    );
    root.addEventListener("keydown", (event) => {
        const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
        if (!event.altKey || !by) return;
        event.preventDefault();
        move(by);
    });
    return {
        life,
        root,
        show: (line) => {
            error.hidden = !line;
            say(error, line);
        },
    };
}

/** Opens the shader's own inputs below it. */
function inputsButton(life, name) {
    const params = store.lists.params.filter(
        (one) => one.id.startsWith(`fx/${name}/`) && !one.id.startsWith(`fx/${name}/layer/`),
    );
    if (!params.length) return null;
    let [inner, box] = [null, null];
    const show = (root) => {
        const is = opened.has(name);
        mark(opener, "aria-expanded", String(is));
        if (is && !box) {
            inner = life.child();
            box = el("div", { class: "chain-inputs no-drag" }, controls(inner, params, `fx/${name}`));
            root.append(box);
        } else if (!is && box) {
            inner.end();
            box.remove();
            box = null;
        }
    };
    const opener = button(
        "Inputs",
        () => {
            if (!opened.delete(name)) opened.add(name);
            show(opener.parentElement);
        },
        { class: "inputs", "aria-label": `inputs of ${name}`, "aria-expanded": "false" },
    );
    queueMicrotask(() => opener.parentElement && show(opener.parentElement));
    return opener;
}

function gallery(life) {
    let [words, kind] = [[], ""];
    const grid = el("ul", { class: "cards gallery" });
    const kinds = el(
        "div",
        { class: "segments", role: "group", "aria-label": "Kind" },
        ["", "filter", "generator"].map((one) =>
            button(
                one ? `${one}s` : "all",
                () => {
                    kind = one;
                    draw();
                },
                { data: { kind: one }, "aria-pressed": "false" },
            ),
        ),
    );
    const search = searchBox("Find a shader", (found) => {
        words = found;
        draw();
    });
    function draw() {
        for (const one of kinds.children) mark(one, "aria-pressed", String(one.dataset.kind === kind));
        const offered = store.lists.shaders.filter((one) => one.kind !== "transition" && (!kind || one.kind === kind));
        const text = (one) => [one.name, one.kind, one.doc, ...(one.categories ?? [])].join(" ");
        grid.replaceChildren(...offered.filter((one) => matches(words, text(one))).map(offer));
        marks();
    }
    function marks() {
        const drawn = new Set(chainNames());
        for (const one of grid.querySelectorAll("[data-add]")) {
            one.disabled = drawn.has(one.dataset.add);
            say(one.querySelector(".badge"), one.disabled ? "in the chain" : "");
        }
    }
    watch(life, ["lists"], draw);
    watch(life, ["state/chain"], marks);
    return el(
        "section",
        { "aria-label": "Shaders to add" },
        el("h2", { text: "Add" }),
        el("div", { class: "tools" }, search, kinds),
        grid,
    );
}

function offer({ name, kind, doc, picture }) {
    const thumb = thumbnail(picture && `shader/${encodeURIComponent(name)}.jpg`, name);
    return el(
        "li",
        {},
        el(
            "button",
            {
                type: "button",
                class: "card",
                data: { add: name },
                title: doc,
                onclick: () => lay([...chainNames(), name]),
            },
            el("span", { class: "thumb" }, thumb),
            el(
                "span",
                { class: "card-name" },
                el("b", { class: "clipped", text: name.replaceAll("_", " ") }),
                el("span", { class: "badge" }),
            ),
            el("span", { class: "card-tags quiet two-lines", text: `${kind}: ${doc}` }),
        ),
    );
}
