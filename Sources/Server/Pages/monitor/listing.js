// Tables that are read page by page and go on by themselves while the first page is shown.

import { arrange, button, make } from "./dom.js";
import { every } from "./ticks.js";
import { mark, renew, say } from "./update.js";
import { capital } from "./words.js";

const PERIOD = 5; // seconds between two looks at the first page

/** A table whose rows have names of their own; one that stays the same is left alone. */
export class Table {
  rows = new Map(); // by their id
  body = make("tbody", { role: "rowgroup" });

  /** `cells` makes what stands in the columns for an item: texts and elements. */
  constructor(title, columns, cells) {
    Object.assign(this, { columns, cells });
    const heads = columns.map((name) => make("th", { scope: "col", role: "columnheader" },
      name || make("span", { class: "unseen" }, "Actions")));
    // On narrow screens a row is a card, and for some browsers a table no more, unless the roles say so.
    const table = make("table", { role: "table", "aria-label": title },
      make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, heads)), this.body);
    // It can be scrolled, so it can have the focus.
    this.element = make("div", { class: "table", tabindex: "0", role: "region", "aria-label": title, hidden: true }, table);
  }

  /** `entries`: `{id, state, facts}`, of whose facts the cells are made. */
  show(entries) {
    const shown = entries.map(({ id, state, facts }) => {
      const row = this.rows.get(id) ?? make("tr", { role: "row", "data-id": id });
      this.rows.set(id, row);
      mark(row, { "data-state": state });
      renew(row, facts, () => this.cells(facts).map((content, index) =>
        make("td", { role: "cell", "data-label": this.columns[index] || null }, content)));
      return row;
    });
    const ids = new Set(entries.map(({ id }) => id));
    for (const id of [...this.rows.keys()]) if (!ids.has(id)) this.rows.delete(id);
    const hadFocus = this.body.contains(document.activeElement) && document.activeElement.closest("tr");
    const place = hadFocus && [...this.body.children].indexOf(hadFocus);
    arrange(this.body, shown);
    mark(this.element, { hidden: shown.length ? null : "" });
    // The row with the focus is gone: the next one has it.
    if (hadFocus && !hadFocus.isConnected) {
      const next = shown[Math.min(place, shown.length - 1)]?.querySelector("a, button");
      (next ?? document.querySelector("main h2"))?.focus();
    }
  }
}

/** A table with a button for more. */
export class Listing {
  items = [];
  cursor = null;

  /**
   * @param table shows the items
   * @param entry an item's `{id, state, facts}`
   * @param read answers a page for a cursor: `{items, next}`
   */
  constructor(table, entry, read, nothing, signal) {
    Object.assign(this, { table, entry, read, nothing, signal });
    this.note = make("p", { class: "note", role: "status" });
    this.more = button(null, "Show more", () => this.next(), { hidden: true });
    this.element = make("div", {}, table.element, this.note, this.more);
    every(PERIOD, () => (this.isFar ? null : this.load(null)), signal);
  }

  /** Whether more than the first page is shown: then rows would move under the reader's eyes. */
  isFar = false;

  /** Begins anew, as after another choice. */
  restart() {
    this.isFar = false;
    return this.load(null);
  }

  async next() {
    this.isFar = true;
    const before = this.items.length;
    await this.load(this.cursor);
    // Who asked for more goes on from where the new ones begin.
    this.table.body.children[before]?.querySelector("a, button")?.focus();
  }

  async load(cursor) {
    const reading = this.reading = {};
    try {
      const { items, next } = await this.read(cursor, this.signal);
      // Another choice may have been made meanwhile.
      if (reading !== this.reading || this.signal.aborted) return;
      this.items = cursor ? this.items.concat(items) : items;
      this.cursor = next;
      this.show();
      say(this.note, this.items.length ? "" : this.nothing);
    } catch (problem) {
      if (this.signal.aborted || reading !== this.reading) return;
      say(this.note, capital(problem.message));
    }
  }

  show() {
    this.table.show(this.items.map(this.entry));
    this.more.hidden = !this.cursor;
    this.changed?.();
  }

  /** Takes one away that is no more. */
  drop(id) {
    this.items = this.items.filter((item) => this.entry(item).id !== id);
    this.show();
    say(this.note, this.items.length ? "" : this.nothing);
  }
}
