// Who works, and at what.

import { age } from "./ages.js";
import { sure } from "./confirm.js";
import { button, make } from "./dom.js";
import { kindName, short } from "./figures.js";
import { live } from "./live.js";
import { Table } from "./listing.js";
import { drain } from "./operator.js";
import { carryOut } from "./orders.js";
import { mark, say } from "./update.js";
import { count } from "./words.js";

const FAREWELL = 5000; // milliseconds that one who is gone is shown
const COLUMNS = ["Host", "Version", "State", "Busy", "Last seen", "At work on", ""];

export function open({ signal }) {
  const gone = new Map(); // when those who are gone were missed first, by id
  const known = new Map(); // as they were last, by id
  const table = new Table("Workers", COLUMNS, cells);
  const note = make("p", { class: "note" });

  function show() {
    const list = live.overview?.workers.list;
    if (!list) return;
    const now = Date.now();
    const ids = new Set(list.map(({ id }) => id));
    for (const worker of list) {
      known.set(worker.id, worker);
      gone.delete(worker.id);
    }
    for (const id of known.keys()) {
      if (!ids.has(id) && !gone.has(id)) gone.set(id, now);
      if (now - gone.get(id) > FAREWELL) {
        gone.delete(id);
        known.delete(id);
      }
    }
    const all = [...known.values()].sort((one, other) =>
      one.host.localeCompare(other.host) || one.id.localeCompare(other.id));
    table.show(all.map((worker) => {
      const state = gone.has(worker.id) ? "gone" : worker.draining ? "draining" : "working";
      const { id, host, version, slots, busy } = worker;
      return { id, state, facts: { id, host, version, slots, busy, state, jobs: worker.jobs.map(({ job_id }) => job_id) } };
    }));
    all.forEach((worker) => freshen(table.rows.get(worker.id), worker));
    say(note, all.length ? "" : "No worker is there. Jobs wait until one comes.");
    const { busy, slots } = live.overview.workers;
    say(figures, `${count(list.length, "worker")}, ${busy} of ${count(slots, "slot")} busy`);
  }

  function cells({ id, host, version, slots, busy, state, jobs }) {
    const { seen_at: seen } = known.get(id);
    return [
      [make("strong", { class: "wild" }, host), make("span", { class: "soft mono" }, ` ${short(id)}`)], version,
      make("span", { class: "badge" }, state),
      [make("progress", { max: Math.max(1, slots), value: busy, "aria-label": `Busy slots of ${host}` }),
        make("span", {}, `${busy} of ${slots}`)],
      age(seen), jobs.length ? make("ul", { class: "tasks" }, jobs.map((job) => taskRow(known.get(id), job))) : "–",
      state === "gone" ? null : turner(id, host, state),
    ];
  }

  const figures = make("p", { class: "soft" });
  live.addEventListener("overview", show, { signal });
  show();
  return [make("div", { class: "glass sheet" }, figures, table.element, note)];
}

function taskRow({ jobs }, id) {
  const { kind, started_at: started } = jobs.find(({ job_id: job }) => job === id);
  return make("li", { "data-job": id }, make("a", { href: `#view=job&id=${id}` }, `${kindName(kind)} ${short(id)}`),
    make("progress", { max: 1, "aria-label": `Progress of ${short(id)}` }), age(started, true));
}

/** Brings up to date what changes with each look. */
function freshen(row, { seen_at: seen, jobs }) {
  mark(row.querySelector("td:nth-child(5) time"), { datetime: seen });
  for (const { job_id: id, progress } of jobs) {
    const meter = row.querySelector(`[data-job="${CSS.escape(id)}"] progress`);
    if (meter) mark(meter, { value: progress });
  }
}

function turner(id, host, state) {
  const isDraining = state !== "draining";
  const name = isDraining ? "Drain" : "Take up again";
  const turner = button(null, name, async () => {
    if (isDraining && !await sure(`Drain ${host}?`, "It ends what it has begun and takes nothing new, until it takes up again.",
      "Drain")) return;
    await carryOut(turner, () => drain(id, isDraining), isDraining ? `${host} takes nothing new` : `${host} takes jobs again`);
    live.refresh();
  }, { "aria-label": `${name}: ${host}` });
  return turner;
}
