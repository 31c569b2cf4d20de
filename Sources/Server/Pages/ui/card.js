// What the cards of pictures and of descriptions have in common: a thumbnail, a state in words, and what to do about it.

import { announce } from "./announce.js";
import { Problem, cancel } from "./api.js";
import { copy } from "./copy.js";
import { button, byId, icon, iconButton, make } from "./dom.js";
import { ask, show, shrink, whenSeen } from "./images.js";
import { line } from "./line.js";
import { bytes, capital, formatName, pixels } from "./words.js";

/** Uploads of the whole page. */
export const uploads = line(3);

// What went wrong, where people need other words than programs.
const TROUBLES = {
  unsupported_media_type: "This is no picture that can be read here", undecodable_image: "This picture is broken",
  file_too_large: "This file is too large", too_many_pixels: "This picture is too large", empty_file: "This file is empty",
  impossible_plan: "The plan does not fit this picture", timed_out: "This took too long", crashed: "This picture is too hard",
  not_found: "The service has this no longer", expired: "Its time is over", insufficient_storage: "The service is full",
  internal_error: "The service made a mistake", backend_unavailable: "The service cannot work now",
};

export class Card {
  /** The file as the service keeps it, once it has it. */
  file = null;
  image = make("img", { alt: "", hidden: true });
  leaving = new AbortController();

  /**
   * @param source a File of the user's, or a file that the service has
   * @param changed is told whenever the card has another state
   */
  constructor(source, changed) {
    Object.assign(this, { source, changed });
    this.name = source.name ?? source.filename;
    this.media = make("div", { class: "media" }, icon("picture"), this.image);
    this.facts = make("p", { class: "facts" });
    this.state = make("p", { class: "state" });
    this.meter = make("progress", { "aria-label": `Progress of ${this.name}`, hidden: true });
    this.actions = make("div", { class: "row" });
    this.remover = iconButton("close", `Remove ${this.name}`, () => this.remove(), { class: "bare corner" });
    this.title = make("h3", { title: this.name }, this.name);
    this.element = make("li", { class: "card" }, this.media, make("div", { class: "body" },
      this.title, this.facts, this.meter, this.state, this.actions), this.remover);
    if (source instanceof File) this.facts.textContent = bytes(source.size);
    else this.know(source);
    this.showState("waiting", "Waits for its turn");
  }

  get signal() { return this.leaving.signal; }

  /** Does all that is to be done, and tells of whatever prevents it. */
  async run() {
    try {
      await this.work();
    } catch (problem) {
      if (this.signal.aborted) return;
      this.fail(problem);
      // What is no problem of the picture is a mistake of this page.
      if (!(problem instanceof Problem)) throw problem;
    }
  }

  /** What the service says of the file. */
  know(file) {
    this.file = file;
    this.media.classList.toggle("clear", file.format !== "jpeg");
    this.facts.textContent = [formatName(file.format), pixels(file.width, file.height), bytes(file.size)].join(" · ");
    if (this.isBlind) this.showThumbnail();
  }

  /** Shows the thumbnail as soon as anybody can see it. */
  awaitThumbnail() {
    if (this.image.hidden) whenSeen(this.media, () => this.showThumbnail());
  }

  async showThumbnail() {
    try {
      if (this.source instanceof File) return await show(this.image, await shrink(this.source));
    } catch { /* The browser does not know the format; the service does, once it has the file. */ }
    this.isBlind = !this.file;
    try {
      if (this.file) return await show(this.image, await ask(this.file.file_id));
    } catch { /* The card says what is wrong with the picture, when it is known. */ }
    return null;
  }

  /** `part` is 0…1, or undefined where nobody knows. */
  showState(state, words, part) {
    this.element.dataset.state = state;
    this.state.textContent = words;
    this.meter.hidden = !["waiting", "uploading", "queued", "processing"].includes(state);
    if (part === undefined) this.meter.removeAttribute("value");
    else this.meter.value = part;
    this.changed(this);
  }

  showUpload(sent) {
    const { size } = this.source;
    const words = sent < size ? `Uploading ${bytes(sent)} of ${bytes(size)}` : "Uploaded, waits for the answer";
    this.showState("uploading", words, size ? sent / size : undefined);
  }

  showJob(job) {
    if (job.status === "queued") this.showState("queued", job.attempts ? "Waits for another try" : "Waits for its turn");
    else this.showState("processing", `Working, ${Math.round(100 * job.progress)} %`, job.progress || undefined);
  }

  fail(problem) {
    const words = TROUBLES[problem.code] ?? problem.title ?? "This page went wrong";
    this.showState("failed", words);
    this.state.append(make("span", {}, capital(problem.message)));
    this.offer(button("retry", "Try again", () => this.run()));
    announce(`${this.name}: ${words}`, "files failed");
  }

  /** The buttons that the card has now. One that is used does not lose the focus to the page. */
  offer(...buttons) {
    const hadFocus = this.actions.contains(document.activeElement);
    this.actions.replaceChildren(...buttons.filter(Boolean));
    if (hadFocus) (this.actions.firstElementChild ?? this.remover).focus();
  }

  /** Throws what a job ended with, unless it is done. */
  expectDone({ status, error }) {
    if (status === "canceled") throw new Problem({ code: "canceled", title: "Canceled", detail: "Nothing was made of it." });
    if (status === "failed") throw new Problem({ code: error.code, title: "This went wrong", detail: error.message });
  }

  cancelButton(jobID) {
    return button(null, "Cancel", () => cancel(jobID).catch(() => { /* It has ended meanwhile. */ }));
  }

  copyButton(symbol, label, text) {
    const copying = button(symbol, label, () => copy(text, copying));
    return copying;
  }

  remove() {
    const next = this.element.nextElementSibling ?? this.element.previousElementSibling;
    const hadFocus = this.element.contains(document.activeElement);
    this.leaving.abort();
    this.element.remove();
    this.isGone = true;
    this.changed(this);
    if (hadFocus) (next?.querySelector("button") ?? byId("pick")).focus();
  }
}
