// The web socket: opened again for ever, a little later each time; edits made meanwhile are kept and sent then.

import { dropOldEdits, edit, forgetAll, letGo, store, take, touch } from "./store.js";

const FIRST_MS = 250;
const LONGEST_MS = 4000;
/** Without a word for so long the show may hang. */
const SILENT_MS = 3000;

let socket = null;
let wait_ms = FIRST_MS;
let timer = 0;
let flushing = false;
const changed = new Set();
/** key → [address, args] of what is asked for once and may wait: chains, rows, orders, locks. */
const waiting = new Map();
const onPicture = new Map();
/** open: the socket is; told: lists have come over it, and what hands did meanwhile was sent. */
export const connection = { open: false, told: false, silent: false, refused: "" };

/** Begin, and go on. */
export function connect() {
    clearTimeout(timer);
    const url = new URL("live", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.hash = "";
    const mine = new WebSocket(url);
    socket = mine;
    mine.binaryType = "arraybuffer";
    mine.addEventListener("open", () => mine === socket && opened());
    mine.addEventListener("message", (event) => mine === socket && heard(event.data));
    mine.addEventListener("close", () => mine === socket && closed());
}

function opened() {
    wait_ms = FIRST_MS;
    connection.open = true;
    connection.refused = "";
    store.lastMessage_ms = performance.now();
    forgetAll();
    touch("connection");
}

function closed() {
    socket = null;
    connection.open = connection.told = false;
    touch("connection");
    timer = setTimeout(connect, wait_ms);
    wait_ms = Math.min(wait_ms * 2, LONGEST_MS);
}

function heard(data) {
    if (data instanceof ArrayBuffer) return picture(data);
    const message = JSON.parse(data);
    take(message);
    if (message.lists) resend();
}

function picture(data) {
    const kind = String.fromCharCode(new Uint8Array(data, 0, 1)[0]);
    onPicture.get(kind)?.(new Blob([new Uint8Array(data, 1)], { type: "image/jpeg" }));
}

/** `show` is given each picture of the kind, "P" program or "A" audition, as a Blob. */
export function pictures(kind, show) {
    onPicture.set(kind, show);
    return () => onPicture.get(kind) === show && onPicture.delete(kind);
}

/** After a break: what hands did meanwhile, each value once. */
function resend() {
    if (connection.told) return;
    connection.told = true;
    for (const [id, found] of store.edits) {
        // They are as good as new: the server hears of them only now.
        found.at_ms = performance.now();
        changed.add(id);
    }
    flushValues();
    for (const [address, args] of waiting.values()) write(address, args);
    waiting.clear();
    touch("connection");
}

function write(address, args) {
    if (!isOpen()) return false;
    socket.send(JSON.stringify({ address, args }));
    return true;
}

const isOpen = () => socket?.readyState === WebSocket.OPEN;

/** Something that is pressed; without a connection it is not done later, and that is said. */
export function press(name, ...args) {
    connection.refused = write(`/vj/${name}`, args) ? "" : `${name} was not sent: no connection`;
    touch("connection");
}

/** Something that is to be so, told as soon as it can be; of one key the last counts. */
export function ask(key, name, ...args) {
    if (!write(`/vj/${name}`, args)) waiting.set(key, [`/vj/${name}`, args]);
    touch("connection");
}

/** A parameter's value, in natural units; dragged: more will follow. */
export function setValue(id, value, dragged = false) {
    edit(id, value, dragged);
    changed.add(id);
    if (!flushing) {
        flushing = true;
        setTimeout(flushValues, 16);
    }
    if (!connection.open) touch("connection");
}

/** The hand has let go of the parameter. */
export function release(id) {
    letGo(id);
}

function flushValues() {
    flushing = false;
    if (!isOpen()) return;
    for (const id of changed) {
        const found = store.edits.get(id);
        const param = store.params.get(id);
        if (found && param) write(`/vj/${id}`, [argument(param, found.value)]);
    }
    changed.clear();
}

function argument(param, value) {
    if (param.kind === "choice") return param.choices[Math.round(value)];
    return param.kind === "continuous" ? value : Math.round(value);
}

/** Fires a trigger. */
export const fire = (id) => press(id, 1);

/** How many edits wait for the connection. */
export const waitingEdits = () => waiting.size + (connection.told ? 0 : store.edits.size);

function look() {
    const silent = connection.open && performance.now() - store.lastMessage_ms > SILENT_MS;
    if (silent !== connection.silent) {
        connection.silent = silent;
        touch("connection");
    }
    // Until they are sent edits are kept.
    if (connection.told) dropOldEdits(performance.now());
}

function hurry() {
    if (socket || document.hidden) return;
    wait_ms = FIRST_MS;
    connect();
}

setInterval(look, 300);
document.addEventListener("visibilitychange", hurry);
window.addEventListener("online", hurry);
