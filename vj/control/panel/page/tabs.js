// The tabs: one part at a time is on the page and listens; the others are made when they are called.

import { Life, mark } from "./dom.js";

const parts = new Map();
const scrolled = new Map();
let current = "";
let life = new Life();

/** `mount(life, root, options)` fills the tab's panel. */
export function addTab(name, mount) {
    parts.set(name, mount);
}

/** Show a tab; options are for it alone. */
export function openTab(name, options = {}) {
    if (!parts.has(name)) name = parts.keys().next().value;
    const main = document.querySelector("main");
    const scroller = document.querySelector("#panels");
    if (current) scrolled.set(current, scroller.scrollTop);
    life.end();
    life = new Life();
    document.querySelector(`#panel-${current}`)?.replaceChildren();
    current = name;
    main.dataset.tab = name;
    for (const tab of allTabs()) show(tab, tab.dataset.tab === name);
    history.replaceState(null, "", `#${name}`);
    parts.get(name)(life, document.querySelector(`#panel-${name}`), options);
    scroller.scrollTop = scrolled.get(name) ?? 0;
}

/** The tab that is shown. */
export const currentTab = () => current;

const allTabs = () => [...document.querySelectorAll("[role=tab]")];

function show(tab, is) {
    mark(tab, "aria-selected", String(is));
    tab.tabIndex = is ? 0 : -1;
    document.querySelector(`#panel-${tab.dataset.tab}`).hidden = !is;
}

/** Begin: clicks and arrow keys on the row of tabs. */
export function beginTabs() {
    const row = document.querySelector("[role=tablist]");
    row.addEventListener("click", (event) => {
        const tab = event.target.closest("[role=tab]");
        if (tab) openTab(tab.dataset.tab);
    });
    row.addEventListener("keydown", (event) => {
        const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!by) return;
        const all = allTabs();
        const next = all[(all.indexOf(document.activeElement) + by + all.length) % all.length];
        openTab(next.dataset.tab);
        next.focus();
        event.preventDefault();
    });
    openTab(location.hash.slice(1));
}
