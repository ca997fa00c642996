// What the server has said and hands have asked for since; parts of the page watch keys, and are drawn once a frame.

import { bounded } from "./bounds.js";

/** How long a value set by hand is shown before the server's own word counts again. */
const HELD_MS = 1200;
/** And a value that a hand still holds, without moving it. */
const STILL_MS = 10000;

const watchers = new Map();
const dirty = new Set();
let planned = false;
/** The parameters and signals of the last lists. */
let told = "";

export const store = {
    lists: { revision: -1, params: [], presets: [], shaders: [], signals: [], curves: [] },
    /** Counts lists whose parameters or signals were others than before; 0: there were none yet. */
    shape: 0,
    state: {},
    values: new Map(),
    signals: new Map(),
    params: new Map(),
    signalsByName: new Map(),
    /** id → {value, at_ms, dragged}: set by hand, not yet said by the server. */
    edits: new Map(),
    lastMessage_ms: 0,
};

/** Calls `draw` now, and in the next frame after any of the keys ("lists", "state/x", "value/id", …) has changed. */
export function watch(life, keys, draw) {
    for (const key of keys) {
        if (!watchers.has(key)) watchers.set(key, new Set());
        watchers.get(key).add(draw);
    }
    life.add(() => unwatch(keys, draw));
    draw();
}

function unwatch(keys, draw) {
    for (const key of keys) {
        const those = watchers.get(key);
        those?.delete(draw);
        if (those && !those.size) watchers.delete(key);
    }
}

/** The key has changed. */
export function touch(key) {
    if (!watchers.has(key)) return;
    dirty.add(key);
    if (planned) return;
    planned = true;
    requestAnimationFrame(flush);
}

function flush() {
    planned = false;
    const due = new Set();
    for (const key of dirty) for (const draw of watchers.get(key) ?? []) due.add(draw);
    dirty.clear();
    for (const draw of due) draw();
}

const TAKERS = { lists: takeLists, state: takeState, values: takeValues, signals: takeSignals, events: takeEvents };

/** One message of the server. */
export function take(message) {
    store.lastMessage_ms = performance.now();
    // Lists come first, whatever the order of keys.
    for (const [name, taker] of Object.entries(TAKERS)) if (message[name]) taker(message[name]);
}

/** The connection is new: what was said before counts no more. */
export function forgetAll() {
    store.values.clear();
    store.signals.clear();
    store.state = {};
    for (const key of watchers.keys()) touch(key);
}

function takeLists(lists) {
    const before = told;
    store.lists = { ...store.lists, ...lists };
    store.params = new Map(store.lists.params.map((one) => [one.id, one]));
    store.signalsByName = new Map(store.lists.signals.map((one) => [one.name, one]));
    told = JSON.stringify([store.lists.params, store.lists.signals, store.lists.curves]);
    if (told !== before) store.shape += 1;
    for (const id of store.values.keys()) if (!store.params.has(id)) store.values.delete(id);
    touch("lists");
}

function takeState(state) {
    Object.assign(store.state, state);
    for (const key of Object.keys(state)) touch(`state/${key}`);
}

function takeValues(values) {
    for (const [id, pair] of Object.entries(values)) {
        store.values.set(id, pair);
        settle(id, pair[0]);
        touch(`value/${id}`);
    }
}

/** An edit is over once the server says the same. */
function settle(id, target) {
    const edit = store.edits.get(id);
    const param = store.params.get(id);
    if (!edit || edit.dragged || !param) return;
    if (Math.abs(edit.value - target) <= 1e-4 * (param.hi - param.lo)) store.edits.delete(id);
}

function takeSignals(signals) {
    for (const [name, value] of Object.entries(signals)) {
        store.signals.set(name, value);
        touch(`signal/${name}`);
    }
}

function takeEvents(events) {
    for (const name of Object.keys(events)) touch(`event/${name}`);
}

/** A hand sets a value: shown at once. dragged: it is still held. */
export function edit(id, value, dragged) {
    const param = store.params.get(id);
    store.edits.set(id, { value: param ? bounded(param, value) : value, at_ms: performance.now(), dragged });
    touch(`value/${id}`);
}

/** The hand has let go. */
export function letGo(id) {
    const found = store.edits.get(id);
    if (found) Object.assign(found, { dragged: false, at_ms: performance.now() });
}

/** Edits that the server did not take are given up, while it is there to be asked. */
export function dropOldEdits(now_ms) {
    for (const [id, { at_ms, dragged }] of store.edits) {
        if (now_ms - at_ms < (dragged ? STILL_MS : HELD_MS)) continue;
        store.edits.delete(id);
        touch(`value/${id}`);
    }
}

/** What is asked for: by the hand that is on it, else as the server says; undefined where nothing is known. */
export const target = (id) => store.edits.get(id)?.value ?? store.values.get(id)?.[0];

/** What is drawn, modulated. */
export const now = (id) => store.values.get(id)?.[1];

/** A signal's value, 0 before it is heard. */
export const signal = (name) => store.signals.get(name) ?? 0;

/** Modulation rows of a target. */
export const rowsOf = (id) => (store.state.rows ?? []).filter((row) => row.target === id);
