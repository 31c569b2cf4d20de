// The tries of a job: by whom each was made, for how long, what came of it, and where its time went.

import { age } from "./ages.js";
import { make } from "./dom.js";
import { duration, short } from "./figures.js";
import { capital, sentence } from "./words.js";

const MOST = 20; // that the service tells of
const COLUMNS = ["Try", "Worker", "Began", "Took", "Outcome", "Where the time went"];
const STATES = { done: "done", failed: "failed", crashed: "failed" };

/** All tries, those too of which nothing is left but their number. */
export function triesTable({ tries = [], fence = 0, status }) {
  const byFence = new Map(tries.map((one) => [one.fence, one]));
  const first = tries.length >= MOST ? Math.min(...byFence.keys()) : 1;
  const rows = [];
  for (let number = first; number <= fence; number += 1) {
    const isRunning = number === fence && status === "processing" && !byFence.has(number);
    rows.push(byFence.has(number) ? row(byFence.get(number)) : silentRow(number, isRunning));
  }
  if (!rows.length) return make("p", { class: "note" }, "None yet.");
  return make("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Tries" },
    make("table", { role: "table" }, make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, COLUMNS.map((name) =>
      make("th", { scope: "col", role: "columnheader" }, name)))), make("tbody", { role: "rowgroup" }, rows)),
    first > 1 ? make("p", { class: "note" }, `The last ${MOST} are shown.`) : null);
}

const cells = (contents) => contents.map((content, index) =>
  make("td", { role: "cell", "data-label": COLUMNS[index] }, content));

function row({ fence, host, worker, started_at: started, seconds, outcome, error, timings }) {
  return make("tr", { role: "row", "data-state": STATES[outcome] ?? outcome }, cells([String(fence),
    [make("strong", { class: "wild" }, host ?? "–"),
      worker ? make("span", { class: "mono soft", title: worker }, ` ${short(worker)}`) : null],
    age(started) ?? "–", duration(seconds), [make("span", { class: "badge" }, outcome),
      error ? make("p", { class: "reason" }, `${capital(error.message ?? "")} (${error.code})`) : null],
    timings ? bar(timings) : "–"]));
}

/** A claim of which no end is told. */
function silentRow(number, isRunning) {
  const words = isRunning ? "At work now" : "Ended without a word: its process died, or handed the job back.";
  return make("tr", { role: "row" }, make("td", { role: "cell", "data-label": COLUMNS[0] }, String(number)),
    make("td", { role: "cell", colspan: COLUMNS.length - 1, class: "soft" }, words));
}

/** A bar of parts as long as their times, which stand below it. */
function bar(timings) {
  const parts = Object.entries(timings).filter(([, seconds]) => seconds != null);
  const total = parts.reduce((sum, [, seconds]) => sum + seconds, 0);
  const pieces = parts.map(([, seconds], index) => {
    const piece = make("span", { class: `piece piece-${index}` });
    piece.style.flexGrow = total > 0 ? seconds / total : 1;
    return piece;
  });
  return [make("div", { class: "stack", "aria-hidden": "true" }, pieces), make("ul", { class: "parts" },
    parts.map(([name, seconds], index) => make("li", {}, make("span", { class: `piece piece-${index}`, "aria-hidden": "true" }),
      `${sentence(name)} `, make("strong", {}, duration(seconds)))))];
}
