// Webhooks: who is told of what, and how that goes.

import { address } from "./address.js";
import { age } from "./ages.js";
import { button, make } from "./dom.js";
import { STATES, short } from "./figures.js";
import { Listing, Table } from "./listing.js";
import { choice, entry, storyLink, triesOf } from "./monitor-jobs.js";
import { jobs, retry } from "./operator.js";
import { carryOut } from "./orders.js";
import { capital } from "./words.js";

const PAGE = 50;
const COLUMNS = ["State", "Delivery", "Receiver", "Tells of", "Tries", "Next try", "Trouble", ""];

/** A link to what a webhook tells of. */
export function subject({ job_id: job, batch_id: batch } = {}) {
  if (job) return storyLink(job, `job ${short(job)}`);
  return batch ? make("a", { href: `#view=jobs&batch_id=${batch}`, class: "mono", title: batch }, `batch ${short(batch)}`) : "–";
}

export function open({ members, signal }) {
  const cells = (job) => [
    make("span", { class: "badge" }, job.status), storyLink(job.job_id), make("span", { class: "brief" }, job.receiver ?? "–"),
    subject(job.delivers), String(triesOf(job)), age(job.next_try_at) ?? "–",
    job.error && make("span", { class: "reason" }, capital(job.error.message)),
    job.status === "failed" ? retrier(job, () => listing.restart()) : null,
  ];
  const listing = new Listing(new Table("Webhooks", COLUMNS, cells), entry, async (cursor, signal) => {
    const page = await jobs({ limit: PAGE, cursor, kind: "webhook", status: address.members.get("status") }, signal);
    return { items: page.jobs, next: page.next_cursor };
  }, "No such deliveries.", signal);
  return [make("div", { class: "glass sheet" }, make("div", { class: "row filters" },
    choice("State", "status", STATES.map((state) => [state, state]), members, () => listing.restart()),
    button("retry", "Refresh", () => listing.restart())), listing.element)];
}

/** A button that has a failed job run again; `done` is told. */
export function retrier({ job_id: id }, done) {
  const retrier = button("retry", "Retry", async () => {
    if (await carryOut(retrier, () => retry(id), `Job ${short(id)} runs again`) !== undefined) done();
  }, { "aria-label": `Retry job ${short(id)}` });
  return retrier;
}
