// Small helpers to make elements and to let go of what they listen to. Text is only ever put in as text.

/** An element: `el("button", {class: "x", onclick: f, text: "…", data: {id: 1}}, ...children)`; nulls are left out. */
export function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) set(made, name, value);
    made.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== false));
    return made;
}

function set(element, name, value) {
    if (value === null || value === undefined || value === false) return;
    if (name === "text") element.textContent = value;
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
}

/** What lasts as long as a part of the page: `add` what ends it, `end` all of that. */
export class Life {
    #ends = [];

    add(end) {
        this.#ends.push(end);
        return this;
    }

    end() {
        for (const one of this.#ends.splice(0)) one();
    }

    /** A life within this one, ended with it. */
    child() {
        const made = new Life();
        this.add(() => made.end());
        return made;
    }
}

/** Sets text only where it differs, so that nothing is laid out for nothing. */
export function say(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute only where it differs; null takes it away. */
export function mark(element, name, value) {
    if (value === null || value === false) {
        if (element.hasAttribute(name)) element.removeAttribute(name);
    } else if (element.getAttribute(name) !== String(value)) {
        element.setAttribute(name, String(value));
    }
}

/** Sets a property of the element's style only where it differs. */
export function style(element, name, value) {
    if (element.style.getPropertyValue(name) !== value) element.style.setProperty(name, value);
}

/** A small picture, or where there is none, or it cannot be had, the first letters of a name. */
export function thumbnail(source, name) {
    const letters = () => el("span", { class: "no-thumb", text: name.slice(0, 2), "aria-hidden": "true" });
    if (!source) return letters();
    const img = el("img", { src: source, alt: "", width: 320, height: 180, loading: "lazy", draggable: "false" });
    img.addEventListener("error", () => img.replaceWith(letters()));
    return img;
}

/** A button with words. */
export function button(text, onclick, attributes = {}) {
    return el("button", { type: "button", text, onclick, ...attributes });
}

/** What the browser keeps for this page, as JSON; a browser that keeps nothing is fine. */
export const kept = {
    get(name, fallback) {
        try {
            return JSON.parse(localStorage.getItem(`vj.${name}`)) ?? fallback;
        } catch {
            return fallback;
        }
    },
    set(name, value) {
        try {
            localStorage.setItem(`vj.${name}`, JSON.stringify(value));
        } catch {
            // Private windows may refuse; it then lasts as long as the page.
        }
    },
};

/** A search box that tells of its words once they rest for a moment. */
export function searchBox(label, onwords) {
    let timer = 0;
    const input = el("input", {
        type: "search",
        class: "search",
        placeholder: label,
        "aria-label": label,
        autocomplete: "off",
        spellcheck: "false",
        oninput: () => {
            clearTimeout(timer);
            timer = setTimeout(() => onwords(wordsOf(input.value)), 80);
        },
    });
    return input;
}

const wordsOf = (text) =>
    text
        .toLowerCase()
        .split(/[\s/]+/)
        .filter(Boolean);

/** Whether each of the words is somewhere in the text. */
export const matches = (words, text) => {
    const low = text.toLowerCase();
    return words.every((word) => low.includes(word));
};
