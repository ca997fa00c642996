// Which parameters have a star; kept in this browser.

import { kept } from "./dom.js";
import { touch } from "./store.js";

let ids = new Set(kept.get("favourites", []));

export const favourites = {
    has: (id) => ids.has(id),
    all: () => [...ids],
    turn(id) {
        if (!ids.delete(id)) ids.add(id);
        kept.set("favourites", [...ids]);
        touch("favourites");
    },
};

// Another window of this browser has changed them.
window.addEventListener("storage", () => {
    ids = new Set(kept.get("favourites", []));
    touch("favourites");
});
