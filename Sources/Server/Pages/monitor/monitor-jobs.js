// Jobs, the newest first, narrowed to a state, a kind or a batch; and the way to one by its id.

import { address } from "./address.js";
import { age } from "./ages.js";
import { button, make } from "./dom.js";
import { STATES, duration, kindName, kinds, short } from "./figures.js";
import { Listing, Table } from "./listing.js";
import { jobs } from "./operator.js";
import { say } from "./update.js";
import { stepsInBrief } from "./steps.js";
import { capital } from "./words.js";

const PAGE = 50;
const COLUMNS = ["State", "Job", "What", "Tries", "Created", "Took", "Trouble"];
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** A job's `{id, state, facts}` for a table. */
export const entry = (job) => ({ id: job.job_id, state: job.status, facts: job });

/** A link to a job's story. */
export const storyLink = (id, words = short(id)) =>
  make("a", { href: `#view=job&id=${id}`, class: "mono", title: id, "aria-label": `Job ${id}` }, words);

/** For how long a job ran; null where it has not ended, or never began. */
export const ran = ({ started_at: started, finished_at: finished }) =>
  (started && finished ? Math.max(0, (Date.parse(finished) - Date.parse(started)) / 1000) : null);

/** How often a job was begun: the service counts those tries that failed and were followed by another. */
export const triesOf = ({ attempts = 0, started_at: started, status, cached }) =>
  attempts + (started && !cached && status !== "queued" ? 1 : 0);

function what({ kind, operations, source_url: url, delivers, cached }) {
  const target = delivers && ["job", "batch"].filter((noun) => delivers[`${noun}_id`])
    .map((noun) => `of ${noun} ${short(delivers[`${noun}_id`])}`)[0];
  return [make("strong", {}, kindName(kind)), make("span", { class: "soft brief" },
    [operations && stepsInBrief(operations), target, url, cached && "from an earlier job"].filter(Boolean).join(" · "))];
}

const cells = (job) => [
  make("span", { class: "badge" }, job.status), storyLink(job.job_id), what(job), String(triesOf(job)), age(job.created_at),
  ran(job) == null ? "–" : duration(ran(job)), job.error && make("span", { class: "reason" }, capital(job.error.message)),
];

/** A list of states, or of kinds, with a choice for all. */
export function choice(label, name, options, members, changed) {
  const select = make("select", { "data-filter": name, change: () => {
    address.set({ [name]: select.value || null }, true);
    changed();
  } }, make("option", { value: "" }, "all"),
  options.map(([value, words]) => make("option", { value, selected: members.get(name) === value }, words)));
  return make("label", { class: "filter" }, label, select);
}

export function open({ members, signal }) {
  const batch = members.get("batch_id");
  const listing = new Listing(new Table("Jobs", COLUMNS, cells), entry, async (cursor, signal) => {
    const [status, kind] = ["status", "kind"].map((name) => address.members.get(name));
    const page = await jobs({ limit: PAGE, cursor, status, kind, batch_id: batch }, signal);
    return { items: page.jobs, next: page.next_cursor };
  }, "No such jobs.", signal);
  const choose = (...rest) => choice(...rest, members, () => listing.restart());
  const hint = make("p", { class: "soft" });
  listing.changed = () => say(hint, listing.isFar ? "More than the first page is shown: it changes when you refresh it."
    : "The first page is refreshed every 5 seconds.");
  return [make("div", { class: "glass sheet" },
    make("div", { class: "row filters" }, choose("State", "status", STATES.map((state) => [state, state])),
      choose("Kind", "kind", kinds), batch && make("a", { class: "button", href: "#view=jobs", "aria-label": "All batches" },
        `Batch ${short(batch)} ×`), button("retry", "Refresh", () => listing.restart()), search()), hint, listing.element)];
}

function search() {
  const note = make("p", { class: "reason", role: "alert", id: "search-note" });
  const field = make("input", { type: "search", name: "id", autocomplete: "off", spellcheck: "false",
    placeholder: "Job id", "aria-describedby": "search-note" });
  return make("form", { class: "row search", role: "search", submit: (event) => {
    event.preventDefault();
    const id = field.value.match(ID)?.[0];
    note.textContent = id ? "" : "An id has 36 characters, such as 0193b2c4-5d6e-7f80-8123-456789abcdef.";
    if (id) location.hash = `#view=job&id=${id.toLowerCase()}`;
  } }, make("label", { class: "filter" }, "Find", field), make("button", { type: "submit" }, "Open"), note);
}
