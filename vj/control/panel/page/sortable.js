// Lists and grids whose items are put into another order: with a mouse anywhere on an item, with a finger on its handle.

import { style } from "./dom.js";

/** Pixels until a press is a drag. */
const SLACK = 8;

/**
 * list     its children with data-name are the items; handle: what fingers take hold of
 * may      whether it may be sorted now; ondone: given the names in their new order
 * Returns whether something is being dragged.
 */
export function sortable(life, list, { handle, may = () => true, ondone }) {
    let drag = null;

    function begin(event) {
        const item = event.target.closest("[data-name]");
        const held = event.target.closest(handle);
        if (drag || event.button > 0 || !item || !may() || (event.pointerType === "touch" && !held)) return;
        if (!held && event.target.closest("input, select, a, .no-drag")) return;
        drag = { item, id: event.pointerId, x: event.clientX, y: event.clientY, ghost: null };
    }
    function move(event) {
        if (event.pointerId !== drag?.id) return;
        const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
        if (!drag.ghost && Math.hypot(dx, dy) < SLACK) return;
        drag.ghost ??= ghostOf(drag.item, list);
        style(drag.ghost, "transform", `translate(${dx}px, ${dy}px)`);
        place(list, drag.item, event.clientX, event.clientY);
        event.preventDefault();
    }
    function end(event) {
        if (event.pointerId !== drag?.id) return;
        const { ghost, item } = drag;
        drag = null;
        if (!ghost) return;
        ghost.remove();
        item.classList.remove("dragged");
        // The click that follows is none.
        window.addEventListener("click", swallow, { capture: true, once: true });
        setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 50);
        ondone(names(list));
    }
    const listeners = [
        [list, "pointerdown", begin],
        [window, "pointermove", move],
        [window, "pointerup", end],
        [window, "pointercancel", end],
    ];
    for (const [on, kind, does] of listeners) {
        on.addEventListener(kind, does);
        life.add(() => on.removeEventListener(kind, does));
    }
    life.add(() => drag?.ghost?.remove());
    return () => Boolean(drag?.ghost);
}

/** The names of a list's items, as they stand. */
export const names = (list) => [...list.children].map((one) => one.dataset.name).filter(Boolean);

/** The names with one of them moved by so many places; the same where it stands at the end. */
export function moved(all, name, by) {
    const out = [...all];
    const from = out.indexOf(name);
    const to = Math.min(Math.max(from + by, 0), out.length - 1);
    out.splice(to, 0, ...out.splice(from, 1));
    return out;
}

function swallow(event) {
    event.stopPropagation();
    event.preventDefault();
}

function ghostOf(item, list) {
    const box = item.getBoundingClientRect();
    const ghost = item.cloneNode(true);
    ghost.removeAttribute("data-name");
    ghost.setAttribute("aria-hidden", "true");
    ghost.className = `${item.className} ghost`;
    for (const [name, value] of [
        ["left", box.left],
        ["top", box.top],
        ["width", box.width],
        ["height", box.height],
    ]) {
        style(ghost, name, `${value}px`);
    }
    for (const one of ghost.querySelectorAll("[data-id], [data-preset], [data-shader], [data-action]"))
        one.removeAttribute("data-id");
    item.classList.add("dragged");
    list.after(ghost);
    return ghost;
}

function place(list, item, x, y) {
    const over = [...list.children].find((one) => {
        const box = one.getBoundingClientRect();
        return one !== item && one.dataset.name && x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
    });
    if (!over) return;
    const after = item.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
    const box = over.getBoundingClientRect();
    const mine = item.getBoundingClientRect();
    // Only past the middle, or two items of unlike height would change places for ever.
    const past = mine.top === box.top || (after ? y > box.top + box.height / 2 : y < box.top + box.height / 2);
    if (past) list.insertBefore(item, after ? over.nextSibling : over);
}
