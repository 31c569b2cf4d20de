// What the service keeps: files and jobs, the newest first, page by page.

import { announce } from "./announce.js";
import { attachment, description, files, jobs, removeFile } from "./api.js";
import { copy } from "./copy.js";
import { button, byId, downloadLink, icon, iconButton, make } from "./dom.js";
import { ask, show, whenSeen } from "./images.js";
import { stepLabel } from "./operations.js";
import { bytes, capital, formatName, pixels, time } from "./words.js";

const PAGE = 24;
const STATES = ["queued", "processing", "done", "failed", "canceled"];

/** A list that is read page by page. */
class Pages {
  /** `read` answers a page for a cursor as `{items, next}`, and `row` makes an item's element. */
  constructor(title, nothing, read, row) {
    Object.assign(this, { nothing, read, row });
    this.list = make("ul", { class: "rows", "aria-label": title });
    this.note = make("p", { class: "note", role: "status" });
    this.more = button(null, "Show more", () => this.next(), { hidden: true });
    this.element = make("div", {}, this.list, this.note, this.more);
  }

  reload() {
    this.list.replaceChildren();
    this.cursor = null;
    return this.next();
  }

  async next() {
    const reading = this.reading = {};
    try {
      const { items, next } = await this.read(this.cursor);
      // Another choice may have been made meanwhile.
      if (reading !== this.reading) return;
      const rows = items.map((item) => this.row(item));
      this.list.append(...rows);
      // Who asked for more goes on from where the new ones begin.
      if (this.cursor) rows[0]?.querySelector("a, button")?.focus();
      this.cursor = next;
      this.more.hidden = !next;
      this.note.textContent = this.list.firstChild ? "" : this.nothing;
    } catch (problem) {
      this.note.textContent = capital(problem.message);
    }
  }
}

function fileRow(file, use) {
  const image = make("img", { alt: "", hidden: true });
  const picture = make("div", { class: "thumb" }, icon("picture"), image);
  const facts = [formatName(file.format), pixels(file.width, file.height), bytes(file.size), time(file.created_at)].join(" · ");
  whenSeen(picture, () => ask(file.file_id, 96).then((blob) => show(image, blob)).catch(() => { /* It keeps the symbol. */ }));
  const user = button("add", "Use", () => use(file), { "aria-label": `Use ${file.filename}` });
  const remover = iconButton("trash", `Delete ${file.filename}`, async () => {
    if (!confirm(`Delete ${file.filename} and all that was made of it?`)) return;
    try {
      await removeFile(file.file_id);
    } catch (problem) {
      return announce(`${file.filename} is not deleted: ${problem.message}`);
    }
    const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("button");
    row.remove();
    (next ?? byId("tab-history")).focus();
    announce(`${file.filename} is deleted`);
  });
  const row = make("li", {}, picture, make("div", {}, make("strong", {}, file.filename), make("p", {}, facts)),
    make("div", { class: "row" }, user, remover));
  return row;
}

function jobRow(job) {
  const { kind, status, operations = [], error, result: made, source_url, created_at } = job;
  const steps = operations.map(stepLabel).map(({ name, values }) => `${name} ${values}`.trim());
  const what = kind === "describe" ? "Description" : steps.join(", ") || "As it was";
  const size = made?.format && [formatName(made.format), pixels(made.width, made.height), bytes(made.size)];
  const facts = [size, source_url, time(created_at)].flat();
  const text = make("p", { class: "text" });
  return make("li", { "data-state": status }, make("span", { class: "badge" }, status), make("div", {}, make("strong", {}, what),
    make("p", {}, facts.filter(Boolean).join(" · ")), error && make("p", { class: "reason" }, capital(error.message)), text),
  make("div", { class: "row" }, status === "done" ? actionsOf(job, what, text) : null));
}

function actionsOf({ kind, job_id, download_url }, what, text) {
  if (kind === "describe") {
    return [button(null, "Read", async () => { text.textContent = (await description(job_id)).description; })];
  }
  const copying = iconButton("link", "Copy link", () => copy(download_url, copying));
  return [downloadLink(attachment(job_id), `Download ${what}`), copying];
}

/** `use` is told of a file that is to be worked on again. -> what reads both lists anew */
export function start(use) {
  const filePages = new Pages("Earlier files", "No files yet.", async (cursor) => {
    const page = await files({ limit: PAGE, cursor });
    return { items: page.files, next: page.next_cursor };
  }, (file) => fileRow(file, use));
  const state = make("select", { "aria-label": "State of the jobs", change: () => jobPages.reload() },
    make("option", { value: "" }, "all"), STATES.map((name) => make("option", {}, name)));
  const jobPages = new Pages("Earlier jobs", "No such jobs.", async (cursor) => {
    const page = await jobs({ limit: PAGE, cursor, status: state.value });
    // Deliveries of webhooks are no pictures.
    return { items: page.jobs.filter(({ kind }) => kind !== "webhook"), next: page.next_cursor };
  }, jobRow);
  byId("history").append(
    make("section", { class: "glass" }, make("h2", {}, "Files"), filePages.element),
    make("section", { class: "glass" }, make("div", { class: "row" }, make("h2", {}, "Jobs"), state), jobPages.element));
  return () => Promise.all([filePages.reload(), jobPages.reload()]);
}
