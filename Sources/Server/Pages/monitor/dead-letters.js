// Jobs that ended as failed: each is run again or deleted, or all of them.

import { age } from "./ages.js";
import { sure } from "./confirm.js";
import { retrier } from "./deliveries.js";
import { button, make } from "./dom.js";
import { short } from "./figures.js";
import { Listing, Table } from "./listing.js";
import { live } from "./live.js";
import { storyLink } from "./monitor-jobs.js";
import { deadLetters, remove, removePage, retryPage } from "./operator.js";
import { carryOut, tell } from "./orders.js";
import { mark } from "./update.js";
import { capital, count } from "./words.js";

const PAGE = 50;
const AT_ONCE = 100; // jobs of one page of an order for all
const COLUMNS = ["Job", "Reason", "Code", "Tries", "Failed", "May succeed", ""];

// Of the last try it is said whether it crashed, and not counted otherwise.
const begun = ({ attempts, crashes, code }) => attempts + crashes + (code === "crashed" ? 0 : 1);

export function open({ signal }) {
  const cells = (letter) => [
    storyLink(letter.job_id), make("span", { class: "reason" }, capital(letter.reason ?? "")),
    make("span", { class: "mono" }, letter.code ?? "–"),
    letter.crashes ? `${begun(letter)}, crashed: ${letter.crashes}` : String(begun(letter)),
    age(letter.timestamp), letter.retryable ? "yes" : "no",
    make("div", { class: "row" }, retrier(letter, () => gone(letter.job_id)), remover(letter.job_id)),
  ];
  const entry = (letter) => ({ id: letter.job_id, state: "failed", facts: letter });
  const listing = new Listing(new Table("Dead letters", COLUMNS, cells), entry, async (cursor, signal) => {
    const page = await deadLetters({ limit: PAGE, cursor }, signal);
    return { items: page.dead_letters, next: page.next_cursor };
  }, "No dead letters.", signal);
  const progress = make("div", { class: "row walk", role: "status" });
  const retryAll = button("retry", "Retry all", () => forAll(retryAll, {
    question: "Retry all dead letters?", verb: "Retry all", doing: "retried",
    consequences: "Those that may succeed another time run again. The others stay as they are.", step: async (cursor) => {
      const page = await retryPage({ limit: AT_ONCE, cursor });
      return { next: page.next_cursor, done: page.retried.length ?? page.retried, left: page.skipped };
    } }));
  const removeAll = button("trash", "Delete all", () => forAll(removeAll, {
    question: "Delete all dead letters?", verb: "Delete all", doing: "deleted",
    consequences: "Neither the jobs nor why they failed can be looked at afterwards.", step: async (cursor) => {
      const page = await removePage({ limit: AT_ONCE, cursor });
      return { next: page.next_cursor, done: page.deleted, left: 0 };
    } }));
  listing.changed = () => {
    for (const button of [retryAll, removeAll]) mark(button, { "aria-disabled": listing.items.length ? null : "true" });
  };

  function gone(id) {
    listing.drop(id);
    live.refresh();
  }

  function remover(id) {
    const remover = button("trash", "Delete", async () => {
      if (!await sure("Delete this dead letter?", `Job ${id} cannot be looked at afterwards.`, "Delete")) return;
      if (await carryOut(remover, () => remove(id), `Job ${short(id)} is deleted`) !== undefined) gone(id);
    }, { "aria-label": `Delete job ${short(id)}` });
    return remover;
  }

  /** Walks all pages, and shows how far it is; it can be stopped between two of them. */
  async function forAll(starter, { question, consequences, verb, doing, step }) {
    if (starter.getAttribute("aria-disabled") === "true" || !await sure(question, consequences, verb)) return;
    let isStopped = false;
    const said = make("span", {}, `0 ${doing}`);
    const stopper = button("close", "Stop", () => { isStopped = true; });
    progress.replaceChildren(make("progress", { "aria-label": verb }), said, stopper);
    let [done, left, cursor] = [0, 0, null];
    const words = () => `${count(done, "job")} ${doing}${left ? `, ${left} left as they are` : ""}`;
    await carryOut(starter, async () => {
      do {
        const page = await step(cursor);
        done += page.done;
        left += page.left;
        cursor = page.next;
        said.textContent = words();
      } while (cursor && !isStopped && !signal.aborted);
    });
    const hadFocus = progress.contains(document.activeElement);
    progress.replaceChildren();
    if (hadFocus) starter.focus();
    tell(isStopped ? `Stopped: ${words()}` : words());
    if (signal.aborted) return;
    listing.restart();
    live.refresh();
  }

  return [make("div", { class: "glass sheet" }, make("div", { class: "row filters" },
    button("retry", "Refresh", () => listing.restart()), retryAll, removeAll, progress), listing.element)];
}
