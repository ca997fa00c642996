// Parts of the page that are made of the lists: filled anew where parameters or signals are others, and left alone else.

import { Life } from "./dom.js";
import { store, watch } from "./store.js";

/** Calls `fill(life)` once lists are there; again, with a new life, when parameters or signals are others. */
export function onceListed(life, fill) {
    let shape = 0;
    refill(life, ["lists"], fill, () => {
        if (store.shape === shape) return false;
        shape = store.shape;
        return true;
    });
}

/** Calls `fill(life)` now, and again, with a new life, each time one of the keys changes and `due` agrees. */
export function refill(life, keys, fill, due = () => true) {
    let inner = new Life();
    life.add(() => inner.end());
    watch(life, keys, () => {
        if (!due()) return;
        inner.end();
        inner = new Life();
        fill(inner);
    });
}
