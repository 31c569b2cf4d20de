// Figures as those who run a service read them: with their units, and no more digits than count.

import { bytes } from "./words.js";

const DASH = "–"; // where there is nothing to tell
const digits = (most) => new Intl.NumberFormat("en", { maximumFractionDigits: most });
const [whole, tenths, hundredths] = [0, 1, 2].map(digits);

/** Three digits at most below a thousand. */
export function figure(value) {
  if (value == null) return DASH;
  return (value < 10 ? hundredths : value < 100 ? tenths : whole).format(value);
}

/** 12 ms, 1.25 s, 3 min 20 s, 2 h 5 min, 4 d 3 h; never parted at the end of a line. */
export const duration = (seconds) => (seconds == null ? DASH : span(seconds).replaceAll(" ", "\u00a0"));

function span(seconds) {
  if (seconds === 0) return "0 s";
  if (seconds < 0.0995) return `${figure(1000 * seconds)} ms`;
  if (seconds < 59.95) return `${figure(seconds)} s`;
  const pair = (large, small, many, names) => {
    const rest = Math.floor((seconds % large) / small);
    return `${Math.floor(seconds / large)} ${names[0]}${many && rest ? ` ${rest} ${names[1]}` : ""}`;
  };
  if (seconds < 3600) return pair(60, 1, seconds < 600, ["min", "s"]);
  if (seconds < 86400) return pair(3600, 60, true, ["h", "min"]);
  return pair(86400, 3600, true, ["d", "h"]);
}

export const rate = (perSecond) => (perSecond == null ? DASH : `${figure(perSecond)}/s`);
export const byteRate = (perSecond) => `${bytes(perSecond < 10 ? Number(perSecond.toFixed(1)) : Math.round(perSecond))}/s`;

/** The end of an id, which is what two ids of one moment differ in. */
export const short = (id) => `…${id.slice(-8)}`;

const KINDS = { process: "Picture", describe: "Description", webhook: "Webhook" };
export const kindName = (kind) => KINDS[kind] ?? kind;

/** By their value. */
export const kinds = Object.entries(KINDS);
export const STATES = ["queued", "processing", "done", "failed", "canceled"];
