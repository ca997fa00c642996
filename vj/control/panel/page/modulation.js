// Modulation: a row for each signal that moves a parameter, how far, along which curve, and how fast it follows.

import { read, written } from "./bounds.js";
import { ask, connection } from "./connection.js";
import { button, el, Life, say } from "./dom.js";
import { drawFollowing, scope } from "./scope.js";
import { numberField, slider } from "./slider.js";
import { store, watch } from "./store.js";

/** Times on a slider, finer near 0; longer ones can be written. */
const TIME = { lo: 0, hi: 10, curve: "cube", unit: "s" };
const LONGEST_S = 60;
/** For so long what a hand does is shown rather than what the server says. */
const HELD_MS = 1200;
/** A row that is dragged is told so often. */
const SEND_MS = 33;

/** Fill the tab. options.target: what is to be moved by the next row. */
export function mountModulation(life, root, options) {
  const rows = new Map();
  const list = el("ul", { class: "rows" });
  const empty = el("p", { class: "quiet", text: "Nothing is moved by the sound." });
  root.append(adding(life, options.target ?? ""), header(), list, empty);
  life.add(() => { for (const one of rows.values()) one.life.end(); });
  watch(life, ["state/rows", "lists"], () => {
    const found = keyed(store.state.rows ?? []);
    for (const [key, one] of rows) if (!found.has(key)) { one.life.end(); one.root.remove(); rows.delete(key); }
    for (const [key, row] of found) if (!rows.has(key)) rows.set(key, modulationRow(row));
    for (const [key, row] of found) rows.get(key).show(row);
    const wanted = [...found.keys()].map((key) => rows.get(key).root);
    if (!wanted.every((one, i) => list.children[i] === one)) list.replaceChildren(...wanted);
    empty.hidden = found.size > 0;
  });
}

/** Rows by signal and target; a second one of the same pair is another. */
function keyed(rows) {
  const found = new Map();
  for (const row of rows) {
    let key = `${row.signal} → ${row.target}`;
    while (found.has(key)) key += "′";
    found.set(key, row);
  }
  return found;
}

function header() {
  const names = ["signal → target", "last 4 s", "depth", "curve", "attack", "release", "follows", ""];
  return el("div", { class: "row row-header quiet", "aria-hidden": "true" }, names.map((text) => el("span", { text })));
}

function depthSpec(row) {
  const param = store.params.get(row.target) ?? { lo: 0, hi: 1, unit: "" };
  const span = Math.max(param.hi - param.lo, Math.abs(row.depth));
  return { lo: -span, hi: span, curve: "lin", unit: param.unit };
}

function modulationRow(row) {
  const life = new Life();
  let [mine, at_ms, dragged, sending] = [{ ...row }, -Infinity, false, 0];
  const named = `${row.signal} to ${row.target}`;
  const give = (changes, held) => {
    mine = { ...mine, ...changes };
    [at_ms, dragged] = [performance.now(), held];
    draw();
    sending ||= setTimeout(send, SEND_MS);
  };
  const send = () => {
    sending = 0;
    ask(`row ${named}`, "modulation/set", mine.signal, mine.target, mine.depth, mine.curve, mine.attack_s, mine.release_s);
  };
  life.add(() => sending && (clearTimeout(sending), send()));
  const release = () => { dragged = false; };
  const depth = valueSlider(`depth of ${named}`, depthSpec(row), (depth, held) => give({ depth }, held), release, 0);
  const attack = valueSlider(`attack of ${named}`, TIME, (attack_s, held) => give({ attack_s }, held), release, 0, LONGEST_S);
  const release_ = valueSlider(`release of ${named}`, TIME, (release_s, held) => give({ release_s }, held), release, 0, LONGEST_S);
  const curve = el("select", { "aria-label": `curve of ${named}`, onchange: () => give({ curve: curve.value }, false) }, store.lists.curves.map((one) => el("option", { text: one, value: one })));
  const picture = el("canvas", { class: "scope", role: "img", "aria-label": `${row.signal}, the last seconds` });
  const follows = el("canvas", { class: "follows", role: "img", "aria-label": "attack and release" });
  const remove = button("✕", () => { sending = void clearTimeout(sending) ?? 0; ask(`row ${named}`, "modulation/remove", row.signal, row.target); }, { class: "remove", "aria-label": `remove ${named}` });
  const root = el("li", { class: "row", data: { row: `${row.signal} ${row.target}` } },
    el("span", { class: "ends" }, el("b", { class: "clipped", text: row.signal, title: row.signal }), el("span", { class: "clipped", text: `→ ${row.target}`, title: row.target })),
    picture, depth.root, curve, attack.root, release_.root, follows, remove);
  scope(life, picture, () => mine);
  function draw() {
    depth.show(mine.depth);
    attack.show(mine.attack_s);
    release_.show(mine.release_s);
    if (curve.value !== mine.curve) curve.value = mine.curve;
    requestAnimationFrame(() => root.isConnected && drawFollowing(follows, mine.attack_s, mine.release_s));
  }
  const show = (said) => {
    if (dragged || performance.now() - at_ms < HELD_MS) return;
    mine = { ...said };
    draw();
  };
  const timer = setInterval(() => {
    if (at_ms === -Infinity || dragged || !connection.open || performance.now() - at_ms < HELD_MS) return;
    at_ms = -Infinity;
    const said = (store.state.rows ?? []).find((one) => one.signal === row.signal && one.target === row.target);
    if (said) show(said);
  }, 500);
  life.add(() => clearInterval(timer));
  return { life, root, show };
}

/** A slider with its number. most: the largest that may be written. */
function valueSlider(label, spec, onvalue, onrelease, initial, most = spec.hi) {
  let shown = initial;
  const made = slider(label, spec, { onvalue, onrelease, ondefault: () => onvalue(initial, false) });
  const field = numberField(`${label}, number`, (text) => {
    const value = read(text);
    if (Number.isFinite(value)) onvalue(Math.min(Math.max(value, spec.lo), most), false);
    show(shown);
  });
  const show = (value) => {
    shown = value;
    made.show(value);
    field.show(written(spec, value));
  };
  made.settle = () => show(shown);
  return { root: el("span", { class: `value-slider ${label.split(" ")[0]}` }, el("span", { class: "value-label", "aria-hidden": "true", text: label.split(" ")[0] }), made.root, field.root, el("span", { class: "unit", text: spec.unit })), show };
}

function adding(life, wanted) {
  const signals = el("datalist", { id: "signal-list" });
  const targets = el("datalist", { id: "target-list" });
  const signal = el("input", { type: "text", list: "signal-list", id: "add-signal", class: "pick", autocomplete: "off", spellcheck: "false" });
  const target = el("input", { type: "text", list: "target-list", id: "add-target", class: "pick", autocomplete: "off", spellcheck: "false", value: wanted });
  const depth = el("input", { type: "text", id: "add-depth", class: "number", inputmode: "decimal" });
  const curve = el("select", { id: "add-curve" });
  const attack = el("input", { type: "text", id: "add-attack", class: "number", inputmode: "decimal", value: "0.02" });
  const release = el("input", { type: "text", id: "add-release", class: "number", inputmode: "decimal", value: "0.3" });
  const text = el("p", { class: "quiet add-text", role: "status" });
  const suggest = () => {
    const param = store.params.get(target.value);
    if (param && !depth.value) depth.value = String(Number(((param.hi - param.lo) / 4).toPrecision(2)));
    say(text, [store.signalsByName.get(signal.value)?.doc, param?.doc].filter(Boolean).join(" → "));
  };
  const form = el("form", { class: "adding", "aria-label": "Add a row", onsubmit: (event) => { event.preventDefault(); add(); } },
    field("Signal", signal), field("Target", target), field("Depth", depth), field("Curve", curve), field("Attack s", attack), field("Release s", release),
    el("button", { type: "submit", class: "accent", data: { action: "add-row" }, text: "Add row" }), signals, targets, text);
  function add() {
    const trouble = !store.signalsByName.has(signal.value) ? "Choose a signal of the list." : store.params.get(target.value)?.kind !== "continuous" ? "Choose a target of the list." : "";
    const [how, up, down] = [depth, attack, release].map((one) => read(one.value));
    if (trouble || ![how, up, down].every(Number.isFinite)) return say(text, trouble || "Depth, attack and release are numbers.");
    const seconds = (value) => Math.min(Math.max(value, 0), LONGEST_S);
    ask(`row ${signal.value} to ${target.value}`, "modulation/set", signal.value, target.value, how, curve.value, seconds(up), seconds(down));
    say(text, `${signal.value} moves ${target.value}`);
    signal.value = target.value = depth.value = "";
  }
  signal.addEventListener("input", suggest);
  target.addEventListener("input", () => { depth.value = ""; suggest(); });
  watch(life, ["lists"], () => {
    const option = (one, words) => el("option", { value: one, label: words });
    signals.replaceChildren(...store.lists.signals.map((one) => option(one.name, one.doc.slice(0, 60))));
    targets.replaceChildren(...store.lists.params.filter((one) => one.kind === "continuous").map((one) => option(one.id, one.doc.slice(0, 60))));
    const chosen = curve.value;
    curve.replaceChildren(...store.lists.curves.map((one) => el("option", { text: one, value: one })));
    curve.value = chosen || store.lists.curves[0] || "";
    suggest();
  });
  if (wanted) requestAnimationFrame(() => signal.focus());
  return form;
}

const field = (label, input) => el("label", { class: "field" }, el("span", { text: label }), input);
