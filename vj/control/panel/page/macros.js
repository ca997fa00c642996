// The eight macros, always at hand, each with what the played preset lays on it.

import { paramControl } from "./controls.js";
import { el, say } from "./dom.js";
import { onceListed } from "./listed.js";
import { store, watch } from "./store.js";

export const isMacro = (id) => id.startsWith("macro/");

/** Begin to show them; they last as long as the page. */
export function beginMacros(life) {
    const root = document.querySelector("#macros");
    onceListed(life, (inner) => {
        const found = store.lists.params.filter((one) => isMacro(one.id));
        root.replaceChildren(...found.map((param) => macro(inner, param)));
        root.hidden = !found.length;
    });
}

function macro(life, param) {
    const { root } = paramControl(life, param, { compact: true, name: param.id.split("/")[1] });
    const lays = el("p", { class: "lays clipped quiet" });
    root.append(lays);
    watch(life, ["state/rows"], () => {
        const targets = (store.state.rows ?? []).filter((row) => row.signal === param.id).map((row) => row.target);
        say(lays, targets.map((id) => id.replace(/^(fx|bend)\//, "").replaceAll("/", " ")).join(", ") || "–");
        lays.title = targets.join("\n");
    });
    return root;
}
