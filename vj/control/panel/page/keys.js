// Keys: the same letters as in the show's window; none of them while somebody writes.

import { press } from "./connection.js";
import { openTab } from "./tabs.js";

const ACTIONS = {
  b: "blackout", " ": "freeze", t: "tap", n: "preset/next", p: "preset/previous", x: "panic", k: "preset/last", l: "flash_limit",
  "/": "beat/half", "*": "beat/double", o: "beat/shift", u: "undo", y: "redo", g: "go",
};
/** A key that is held down goes on doing these. */
const REPEATED = new Set(["undo", "redo"]);
const WRITTEN = "input:not([type=range]):not([type=color]), select, textarea";

/** Begin to listen. */
export function beginKeys() {
  document.addEventListener("keydown", heard);
  // After a click keys belong to the show again, and the space bar to no button.
  document.addEventListener("click", (event) => {
    if (event.detail > 0 && document.activeElement?.matches("button, summary")) document.activeElement.blur();
  });
  document.addEventListener("change", (event) => event.target.matches("select") && event.target.blur());
}

function heard(event) {
  if (event.defaultPrevented || event.target.matches(WRITTEN)) return leave(event);
  const name = meant(event);
  if (!name || (event.repeat && !REPEATED.has(name))) return;
  event.preventDefault();
  if (name === "find") document.querySelector("[role=tabpanel]:not([hidden]) .search")?.focus();
  else if (name.startsWith("tab ")) openTab(name.slice(4));
  else press(name);
}

function leave(event) {
  if (event.key === "Escape") event.target.blur();
}

function meant(event) {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === "z") return event.shiftKey ? "redo" : "undo";
    return key === "y" ? "redo" : "";
  }
  if (event.altKey) return "";
  // A button that was reached by keys keeps its space bar.
  if (key === " " && event.target.matches("button, summary, [tabindex]")) return "";
  if (key === "f") return "find";
  if (/^[1-9]$/.test(key)) {
    const tab = document.querySelectorAll("[role=tab]")[Number(key) - 1];
    return tab ? `tab ${tab.dataset.tab}` : "";
  }
  return ACTIONS[key] ?? "";
}
