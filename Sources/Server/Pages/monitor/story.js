// One job's whole story: what was asked for, what came of it, and every try.

import { age } from "./ages.js";
import { sure } from "./confirm.js";
import { copy } from "./copy.js";
import { retrier, subject } from "./deliveries.js";
import { button, downloadLink, icon, make } from "./dom.js";
import { duration, figure, kindName, short } from "./figures.js";
import { ran } from "./monitor-jobs.js";
import { cancel, description, job as readJob, remove, resultPicture, sourcePicture } from "./operator.js";
import { carryOut } from "./orders.js";
import { stepWords } from "./steps.js";
import { every } from "./ticks.js";
import { triesTable } from "./tries.js";
import { mark, remake, say } from "./update.js";
import { bytes, capital, formatName, pixels, time } from "./words.js";

const PERIOD = 2; // seconds between two looks
const REST = 5; // of them while nothing is expected to happen

const isOver = ({ status }) => ["done", "failed", "canceled"].includes(status);

export function open({ members, signal }) {
  const id = members.get("id") ?? "";
  const parts = Object.fromEntries(["head", "facts", "plan", "pictures", "body", "tries"].map((name) =>
    [name, make("section", { class: `glass sheet story-${name}`, hidden: true })]));
  const note = make("p", { class: "note", role: "status" });
  let job = null;
  let turns = 0;

  every(PERIOD, async () => {
    turns += 1;
    if (job && isOver(job) && turns % REST) return;
    await look();
  }, signal);

  async function look() {
    try {
      job = await readJob(id, signal);
    } catch (problem) {
      if (signal.aborted) return;
      say(note, problem.code === "not_found" ? `There is no job ${id}, or no longer.` : capital(problem.message));
      if (["not_found", "expired"].includes(problem.code)) for (const part of Object.values(parts)) part.hidden = true;
      return;
    }
    if (signal.aborted) return;
    say(note, "");
    show();
  }

  function show() {
    const { status, kind, error } = job;
    mark(parts.head, { "data-state": status });
    part("head", [status, error, kind], () => [
      make("div", { class: "row" }, make("span", { class: "badge" }, status), make("strong", {}, kindName(kind)),
        make("span", { class: "mono soft" }, id), copier("link", "Copy id", id), actions()),
      status === "processing" ? make("progress", { max: 1, "aria-label": "Progress" }) : null,
      error && make("p", { class: "reason" }, capital(error.message), make("span", { class: "soft" },
        ` ${error.code}, ${error.retryable ? "may succeed another time" : "would not succeed another time"}`))]);
    const meter = parts.head.querySelector("progress");
    if (meter) mark(meter, { value: job.progress || null });
    part("facts", { ...job, tries: null, body: null, progress: null }, () => [make("h3", {}, "Facts"),
      make("dl", {}, facts(job).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]))]);
    if (job.operations) part("plan", [job.operations, job.output], () => plan(job));
    if (kind !== "webhook") part("pictures", [job.file_id, job.source_url, status, job.result], () => pictures(job));
    if (kind === "webhook") part("body", [job.receiver, job.body], () => webhook(job));
    part("tries", [job.tries, job.fence, status], () => [make("h3", {}, "Tries"), triesTable(job)]);
  }

  function part(name, facts, children) {
    mark(parts[name], { hidden: null });
    remake(parts[name], facts, children);
  }

  /** What can be done about it now. */
  function actions() {
    const again = () => look();
    if (job.status === "failed") return [retrier(job, again), deleter()];
    if (isOver(job)) return null;
    const canceler = button("close", "Cancel", async () => {
      if (await sure("Cancel this job?", "Nothing is made of it.", "Cancel the job")
        && await carryOut(canceler, () => cancel(id), "The job is canceled") !== undefined) again();
    }, { "aria-label": "Cancel this job" });
    return canceler;
  }

  function deleter() {
    const deleter = button("trash", "Delete", async () => {
      if (!await sure("Delete this job?", "Neither it nor why it failed can be looked at afterwards.", "Delete")
        || await carryOut(deleter, () => remove(id), "The job is deleted") === undefined) return;
      location.hash = "#view=dead";
    }, { "aria-label": "Delete this job" });
    return deleter;
  }

  return [note, make("div", { class: "story" }, ...Object.values(parts))];
}

const moment = (text) => (text ? [time(text), " (", age(text), ")"] : "–");

function facts(job) {
  const { result, delivers, batch_id: batch } = job;
  return [
    ["Created", moment(job.created_at)], ["Started", moment(job.started_at)], ["Ended", moment(job.finished_at)],
    ["Waited", duration(job.waited_seconds)], ["Ran", duration(ran(job))],
    !isOver(job) && job.run_at && ["Due", moment(job.run_at)], job.next_try_at && ["Next try", moment(job.next_try_at)],
    job.expires_at && ["Kept until", moment(job.expires_at)],
    ["Failed and retried", figure(job.attempts)], job.crashes && ["Crashes", figure(job.crashes)], ["Claims", figure(job.fence)],
    job.priority && ["Priority", job.priority],
    job.cached && ["Result", "taken from an earlier job"],
    result?.format && ["Made", [formatName(result.format), pixels(result.width, result.height), bytes(result.size)].join(" · ")],
    job.source_url && ["Source", job.source_url],
    batch && ["Batch", make("a", { href: `#view=jobs&batch_id=${batch}`, class: "mono" }, short(batch))],
    job.worker && ["Worker", make("a", { href: "#view=workers", class: "mono" }, short(job.worker))],
    delivers && ["Tells of", subject(delivers)],
    job.kind !== "webhook" && ["Webhook", job.webhook ? "is sent at the end" : "none"],
  ].filter(Boolean);
}

function copier(symbol, label, text) {
  const copying = button(symbol, label, () => copy(text, copying));
  return copying;
}

function plan({ operations, output }) {
  const made = Object.entries(output ?? {}).filter(([, value]) => value != null);
  const json = JSON.stringify({ operations, ...(made.length && { output }) }, null, 2);
  return [make("h3", {}, "Plan"),
    operations.length ? make("ol", { class: "steps" }, operations.map(stepWords).map(({ name, values }) =>
      make("li", {}, make("strong", {}, name), make("span", { class: "soft" }, values)))) : make("p", {}, "The picture as it is"),
    make("p", { class: "soft" }, made.length ? `Saved with ${made.map(([name, value]) =>
      `${name.replaceAll("_", " ")} ${typeof value === "object" ? JSON.stringify(value) : value}`).join(", ")}`
      : "Saved in the source’s format"),
    make("details", {}, make("summary", {}, "JSON"), make("pre", { tabindex: "0", "aria-label": "The plan as JSON" }, json),
      copier("copy", "Copy JSON", json))];
}

/** The source and the result; either may be gone, or of a format that the browser does not know. */
function pictures({ job_id: id, kind, file_id: file, status, result }) {
  const both = [picture("Source", file && sourcePicture(file), file ? "cannot be shown, or is no longer there"
    : "not kept: it is fetched by URL")];
  const isMade = kind === "process" && status === "done";
  if (kind === "process") {
    const nothing = isMade ? `cannot be shown here${result?.format ? ` (${formatName(result.format)})` : ""}`
      : isOver({ status }) ? "there is none" : "not made yet";
    both.push(picture("Result", isMade && resultPicture(id), nothing,
      isMade && downloadLink(`${resultPicture(id)}?disposition=attachment`, "Download the result")));
  }
  const text = make("p", { class: "text" });
  const reader = kind === "describe" && status === "done" && button(null, "Read the description", async () => {
    await carryOut(reader, async () => { text.textContent = (await description(id)).description; });
  });
  return [make("h3", {}, kind === "describe" ? "Picture" : "Pictures"), make("div", { class: "pictures" }, both),
    reader || null, text];
}

function picture(name, url, nothing, extra) {
  const words = make("p", { class: "soft", hidden: Boolean(url) }, capital(nothing));
  const frame = make("div", { class: "frame" }, icon("picture"), url ? make("img", { src: url, alt: name, loading: "lazy",
    decoding: "async", error: ({ target }) => {
      target.remove();
      words.hidden = false;
    } }) : null);
  return make("figure", {}, frame, make("figcaption", {}, make("strong", {}, name), words, extra || null));
}

function webhook({ receiver, body }) {
  let text = body ?? "";
  try {
    text = JSON.stringify(JSON.parse(text), null, 2);
  } catch { /* It is shown as it is. */ }
  return [make("h3", {}, "Webhook"), make("p", {}, "To ", make("strong", {}, receiver ?? "a receiver that is not known")),
    make("pre", { tabindex: "0", "aria-label": "What is posted" }, text),
    make("div", { class: "row" }, copier("copy", "Copy body", body ?? ""))];
}

