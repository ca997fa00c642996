// Ranges and curves of controllers, as in vj/params/bounds.py, and how numbers are written. Pure.

const clamp = (x, lo, hi) => Math.min(Math.max(x, lo), hi);

/** A value brought into the parameter's range in its own way; what is no number at all becomes the default. */
export function bounded(param, value) {
    if (!Number.isFinite(value)) return param.default ?? param.lo;
    if (param.kind && param.kind !== "continuous") value = Math.round(value);
    const { lo, hi } = param;
    const width = hi - lo;
    const modulo = (x, m) => ((x % m) + m) % m;
    if (param.bound === "wrap" && (value < lo || value > hi)) return lo + modulo(value - lo, width);
    if (param.bound === "fold") {
        const turn = modulo(value - lo, 2 * width);
        return lo + (turn <= width ? turn : 2 * width - turn);
    }
    return clamp(value, lo, hi);
}

/** A controller's position 0..1 laid over the range along the curve: lin, exp, s, or cube (fine near lo). */
export function fromNorm({ lo, hi, curve }, x) {
    x = clamp(x, 0, 1);
    if (curve === "exp") return lo * (hi / lo) ** x;
    if (curve === "s") x = x * x * (3 - 2 * x);
    if (curve === "cube") x = x ** 3;
    return lo + x * (hi - lo);
}

/** The position that `fromNorm` turns into the value. */
export function toNorm({ lo, hi, curve }, value) {
    value = clamp(value, lo, hi);
    if (curve === "exp") return Math.log(value / lo) / Math.log(hi / lo);
    const x = (value - lo) / (hi - lo);
    if (curve === "s") return 0.5 - Math.sin(Math.asin(1 - 2 * x) / 3);
    if (curve === "cube") return Math.cbrt(x);
    return x;
}

const CURVES = {
    lin: (x) => x,
    square: (x) => x * x,
    sqrt: Math.sqrt,
    s: (x) => x * x * (3 - 2 * x),
    inverse: (x) => 1 - x,
    bipolar: (x) => 2 * x - 1,
};

/** A signal laid from its range onto 0..1 and shaped, as the modulation matrix does. */
export function shaped(signal, curve, value) {
    const x = clamp((value - signal.lo) / (signal.hi - signal.lo), 0, 1);
    return (CURVES[curve] ?? CURVES.lin)(Number.isFinite(x) ? x : 0);
}

/** The share of a way gone after dt_s where 95 % take span_s. */
export const reached = (dt_s, span_s) => (span_s > 0 ? 1 - Math.exp((-3 * dt_s) / span_s) : 1);

/** [lowest, highest] that the rows can bring a value to, within the parameter's range; null without rows. */
export function band(param, value, rows) {
    if (!rows?.length) return null;
    let [low, high] = [value, value];
    for (const { depth, curve } of rows) {
        low += curve === "bipolar" ? -Math.abs(depth) : Math.min(depth, 0);
        high += curve === "bipolar" ? Math.abs(depth) : Math.max(depth, 0);
    }
    if (param.bound !== "clip" && high - low >= param.hi - param.lo) return [param.lo, param.hi];
    return [clamp(low, param.lo, param.hi), clamp(high, param.lo, param.hi)];
}

/** A number with as many digits as its range asks for. */
export function written(param, value) {
    if (value === undefined || value === null || !Number.isFinite(value)) return "–";
    if (param.kind === "choice") return param.choices[Math.round(value)] ?? "–";
    if (param.kind === "toggle" || param.kind === "trigger") return value >= 0.5 ? "on" : "off";
    const finest =
        param.curve === "exp" || param.curve === "cube" ? Math.abs(value) / 300 : (param.hi - param.lo) / 1500;
    const digits = finest > 0 ? clamp(Math.ceil(-Math.log10(finest)), 0, 3) : 2;
    return minus(value.toFixed(digits));
}

const minus = (text) => (/^-0*\.?0*$/.test(text) ? text.slice(1) : text.replace("-", "−"));

/** The number that somebody wrote, with a comma or a point; NaN where it is none. */
export const read = (text) => {
    const found = text.trim().replace("−", "-").replace(",", ".");
    return found === "" ? NaN : Number(found);
};

/** The words of an id below a prefix; units that are shown anyway are left out. */
export function nameOf(param, prefix = "") {
    let name = prefix && param.id.startsWith(`${prefix}/`) ? param.id.slice(prefix.length + 1) : param.id;
    if (param.unit) name = name.replace(/_(s|hz|db|ms)$/, "");
    return name.replaceAll("_", " ").replaceAll("/", " · ");
}
