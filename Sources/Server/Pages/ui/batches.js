// CSVs: each row with what became of it, those that failed first.

import { address } from "./address.js";
import { announce } from "./announce.js";
import { Problem, attachment, batch, report, uploadSheet } from "./api.js";
import { uploads } from "./card.js";
import { sleep } from "./connection.js";
import { arrange, button, byId, downloadLink, iconButton, make } from "./dom.js";
import { plan } from "./plan.js";
import { bytes, capital, count } from "./words.js";

const PAGE = 1000; // images that the service tells of at once
const MOST = 10000; // that are held here; the result's CSV has all
const STEP = 100; // rows more on each wish
const RANK = { failed: 0, pending: 1, complete: 2 };
const WORDS = { failed: "Failed", pending: "Waits", complete: "Done" };

/** One CSV, from its upload to its last picture. */
class Sheet {
  rows = new Map(); // by their place in the CSV
  most = STEP;
  leaving = new AbortController();

  constructor(name, file) {
    Object.assign(this, { name, file });
    this.meter = make("progress", { "aria-label": `Progress of ${name}` });
    this.state = make("p", { class: "state" }, "Waits for its turn");
    this.actions = make("div", { class: "row" });
    this.body = make("tbody");
    this.more = button(null, "Show more rows", () => { this.most += STEP; this.showRows(); }, { hidden: true });
    const columns = ["Line", "State", "Product", "Picture"].map((word) => make("th", { scope: "col" }, word));
    // It can be scrolled, so it can have the focus.
    this.table = make("div", { class: "table", tabindex: "0", role: "region", "aria-label": `Rows of ${name}`, hidden: true },
      make("table", {}, make("thead", {}, make("tr", {}, columns)), this.body));
    const remover = iconButton("close", `Remove ${name} from this page`, () => this.remove(), { class: "bare corner" });
    this.element = make("article", { class: "glass sheet", "aria-label": name }, make("h2", {}, name), this.meter, this.state,
      this.actions, this.table, this.more, remover);
  }

  async run() {
    this.actions.replaceChildren();
    this.element.dataset.state = "running";
    try {
      if (!this.id) {
        this.id = await uploads(() => uploadSheet(this.file, plan.sheetText, {
          progress: (sent) => { this.state.textContent = `Uploading ${bytes(sent)}`; }, signal: this.leaving.signal }));
        address.set({ batch: this.id });
      }
      this.element.dataset.id = this.id;
      await this.follow();
    } catch (problem) {
      if (this.leaving.signal.aborted) return;
      this.element.dataset.state = "failed";
      this.meter.hidden = true;
      this.state.replaceChildren(problem.title ?? "This page went wrong", make("span", {}, capital(problem.message)));
      this.actions.replaceChildren(button("retry", "Try again", () => this.run()));
      announce(`${this.name}: ${problem.message}`);
      if (!(problem instanceof Problem)) throw problem;
    }
  }

  /** Asks again and again until the batch is complete; the longer an answer takes, the less often. */
  async follow() {
    for (;;) {
      const began = performance.now();
      const status = await this.read();
      this.showCounts(status);
      if (status.status === "complete") break;
      await sleep(Math.max(800, 4 * (performance.now() - began)));
      this.leaving.signal.throwIfAborted();
    }
    this.element.dataset.state = "done";
    announce(`${this.name}: ${this.state.textContent}`);
  }

  /** All pages of images. -> the first one, whose counts are those of all */
  async read() {
    const first = await batch(this.id, { limit: PAGE });
    let images = first.images;
    for (let cursor = first.next_cursor; cursor && images.length < MOST;) {
      const page = await batch(this.id, { limit: PAGE, cursor });
      images = images.concat(page.images);
      cursor = page.next_cursor;
    }
    images.forEach((image, place) => this.rows.set(place, { ...this.rows.get(place), image, place }));
    this.showRows();
    return first;
  }

  showCounts({ total, done, failed, status }) {
    this.meter.hidden = status === "complete";
    this.meter.max = total;
    this.meter.value = done + failed;
    this.state.replaceChildren(
      make("strong", {}, `${done} of ${count(total, "picture")} done`), failed ? `, ${failed} failed` : "",
      total > this.rows.size ? make("span", {}, `The first ${this.rows.size} are listed here, and all in the result.`) : "");
    if (!this.actions.firstChild) this.actions.append(downloadLink(report(this.id), `Result CSV of ${this.name}`, "Result CSV"));
  }

  showRows() {
    const sorted = [...this.rows.values()].sort((one, other) =>
      RANK[one.image.status] - RANK[other.image.status] || one.place - other.place);
    const visible = sorted.slice(0, this.most);
    for (const row of visible) showRow(row);
    arrange(this.body, visible.map(({ element }) => element));
    this.table.hidden = !sorted.length;
    this.more.hidden = sorted.length <= this.most;
  }

  remove() {
    this.leaving.abort();
    this.element.remove();
    if (address.members.get("batch") === this.id) address.set({ batch: null });
    byId("pick").focus();
  }
}

/** Makes a row's element, or makes it say what is true now. */
function showRow(row) {
  const { status, line, product_name, input, error, job_id } = row.image;
  if (row.shown === status) return;
  row.shown = status;
  const end = status === "complete"
    ? make("a", { href: attachment(job_id), download: "", "aria-label": `Download ${product_name || input}` }, "Download")
    : error && make("span", { class: "reason" }, capital(error));
  row.element ??= make("tr");
  row.element.dataset.state = status;
  row.element.replaceChildren(make("td", {}, String(line)),
    make("td", {}, make("span", { class: "badge" }, WORDS[status]), " ", end), make("td", {}, product_name),
    make("td", { class: "url", title: input }, input));
}

function open(sheet) {
  byId("batches").prepend(sheet.element);
  sheet.run();
}

export const add = (files) => files.forEach((file) => open(new Sheet(file.name, file)));

/** Shows the batch that the address names, as after a reload or from a link. */
export function openAddressed() {
  const id = address.members.get("batch");
  if (!id || byId("batches").querySelector(`[data-id="${CSS.escape(id)}"]`)) return;
  const sheet = new Sheet("An earlier CSV");
  sheet.id = id;
  open(sheet);
}
