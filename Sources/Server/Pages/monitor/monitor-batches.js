// CSVs, the newest first, with how far each is.

import { age } from "./ages.js";
import { button, downloadLink, make } from "./dom.js";
import { duration, figure, short } from "./figures.js";
import { Listing, Table } from "./listing.js";
import { batches, report } from "./operator.js";
import { count } from "./words.js";

const PAGE = 50;
const COLUMNS = ["State", "Batch", "Progress", "Failed", "Created", "Took", ""];

function cells({ batch_id: id, status, total, done, failed, created_at: created, finished_at: finished }) {
  return [
    make("span", { class: "badge" }, status), make("span", { class: "mono", title: id }, short(id)),
    [make("progress", { max: Math.max(1, total), value: done + failed, "aria-label": `Progress of ${short(id)}` }),
      make("span", {}, `${figure(done + failed)} of ${count(total, "picture")}`)],
    make("span", { class: failed ? "reason" : "soft" }, String(failed)), age(created),
    finished ? duration(Math.max(0, (Date.parse(finished) - Date.parse(created)) / 1000)) : "–",
    make("div", { class: "row" },
      make("a", { class: "button", href: `#view=jobs&batch_id=${id}`, "aria-label": `Jobs of ${short(id)}` }, "Jobs"),
      downloadLink(report(id), `Result CSV of ${short(id)}`, "CSV")),
  ];
}

export function open({ signal }) {
  const entry = (batch) => ({ id: batch.batch_id, state: batch.status, facts: batch });
  const listing = new Listing(new Table("Batches", COLUMNS, cells), entry, async (cursor, signal) => {
    const page = await batches({ limit: PAGE, cursor }, signal);
    return { items: page.batches, next: page.next_cursor };
  }, "No batches. A CSV of URLs that is uploaded becomes one.", signal);
  return [make("div", { class: "glass sheet" },
    make("div", { class: "row filters" }, button("retry", "Refresh", () => listing.restart())), listing.element)];
}
