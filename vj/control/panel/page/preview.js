// A picture that the server sends again and again: each is shown once it is decoded, and then let go of.

import { pictures } from "./connection.js";

/** Shows pictures of the kind, "P" or "A", in an img; onfirst: called with the first. Of several at once the last counts. */
export function live(life, kind, img, onfirst = () => {}) {
    let [loading, next, first] = ["", null, true];

    function show(blob) {
        if (loading) {
            next = blob;
            return;
        }
        loading = URL.createObjectURL(blob);
        img.src = loading;
    }
    function done() {
        URL.revokeObjectURL(loading);
        loading = "";
        if (first) onfirst();
        first = false;
        const waiting = next;
        next = null;
        if (waiting) show(waiting);
    }
    img.addEventListener("load", done);
    img.addEventListener("error", done);
    life.add(pictures(kind, show));
    life.add(() => {
        img.removeEventListener("load", done);
        img.removeEventListener("error", done);
        if (loading) URL.revokeObjectURL(loading);
    });
}
