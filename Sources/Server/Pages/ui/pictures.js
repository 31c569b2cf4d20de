// Cards of pictures: each is uploaded, made with the plan, and compared with what it was.

import { announce } from "./announce.js";
import { attachment, develop, result, upload } from "./api.js";
import { Card, uploads } from "./card.js";
import { compare } from "./compare.js";
import { byId, downloadLink, icon, iconButton, make } from "./dom.js";
import { ask, show, whenSeen } from "./images.js";
import { follow } from "./jobs.js";
import { plan } from "./plan.js";
import * as preview from "./preview.js";
import { bytes, count, formatName, pixels, savings } from "./words.js";

const UNSHOWN = ["tiff"]; // results that browsers cannot show

let cards = [];

class PictureCard extends Card {
  constructor(source, changed) {
    super(source, changed);
    this.viewer = iconButton("eye", `Preview the plan with ${this.name}`, () => preview.choose(this), {
      class: "bare corner viewer", "aria-pressed": "false", hidden: true });
    this.remover.before(this.viewer);
  }

  async work() {
    // What an earlier plan made of it is no more.
    if (this.file) this.know(this.file);
    this.media.replaceChildren(icon("picture"), this.image);
    this.awaitThumbnail();
    this.offer();
    if (!this.file) {
      this.showState("waiting", "Waits for its turn");
      this.know(await uploads(() => {
        this.signal.throwIfAborted();
        return upload(this.source, { progress: (sent) => this.showUpload(sent), signal: this.signal });
      }));
    }
    this.viewer.hidden = false;
    await this.develop();
  }

  async develop() {
    const { text } = plan;
    this.madeWith = plan.key;
    if (plan.isEmpty) {
      this.showState("kept", "Uploaded; the plan is empty");
      return;
    }
    this.showState("queued", "Waits for its turn");
    const { job_id } = await develop(this.file.file_id, plan.json);
    this.offer(this.cancelButton(job_id));
    const job = await follow(job_id, (job) => this.showJob(job), this.signal);
    this.expectDone(job);
    this.finish(job, text);
  }

  finish({ job_id, result: made, download_url }, transformations) {
    const { size } = this.file;
    this.showState("done", "");
    this.state.append(`${bytes(size)} → ${bytes(made.size)}, `, make("strong", {}, savings(size, made.size)));
    const sides = [...new Set([this.file, made].map(({ width, height }) => pixels(width, height)))];
    this.facts.textContent = `${formatName(made.format)} · ${sides.join(" → ")}`;
    this.offer(downloadLink(attachment(job_id), `Download ${this.name}`), this.copyButton("link", "Copy link", download_url));
    this.showComparison(job_id, made.format, transformations);
    announce(`${this.name} is done`, "pictures are done");
  }

  showComparison(jobID, format, transformations) {
    const isShown = !UNSHOWN.includes(format);
    const after = make("img", { alt: "", loading: "lazy", decoding: "async", src: isShown && result(jobID) });
    if (!isShown) whenSeen(after, async () => show(after, await ask(this.file.file_id, undefined, transformations)));
    this.media.replaceChildren(compare(this.image, after, this.name));
  }

  get isAtRest() { return !!this.file && ["done", "failed", "kept"].includes(this.element.dataset.state); }
}

/** Adds a card for each: files of the user's, or files that the service has. */
export function add(sources) {
  const added = sources.map((source) => new PictureCard(source, update));
  cards = [...added, ...cards];
  byId("pictures").querySelector(".cards").prepend(...added.map(({ element }) => element));
  for (const card of added) card.run();
  update();
}

let isDue = false;

/** Counts what all cards together have come to. Hundreds of them may change in one frame. */
function update() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    cards = cards.filter(({ isGone }) => !isGone);
    const inState = (state) => cards.filter(({ element }) => element.dataset.state === state).length;
    const [done, failed] = [inState("done"), inState("failed")];
    const [bar, tally] = [".bar", ".tally"].map((part) => byId("pictures").querySelector(part));
    bar.hidden = cards.length < 2;
    const words = `${done} of ${count(cards.length, "picture")} done${failed ? `, ${failed} failed` : ""}`;
    if (tally.textContent !== words) tally.textContent = words;
    const first = cards.find(({ file }) => file);
    if (first) preview.suggest(first);
    updateApply();
  });
}

const outdated = () => cards.filter((card) => card.isAtRest && card.madeWith !== plan.key);

function updateApply() {
  const amount = plan.isEmpty ? 0 : outdated().length;
  byId("apply").hidden = amount === 0;
  byId("apply").textContent = `Apply to ${count(amount, "picture")}`;
}

byId("apply").addEventListener("click", () => {
  for (const card of outdated()) card.run();
  byId("pictures").focus({ preventScroll: true });
});
byId("clear").addEventListener("click", () => {
  for (const card of cards) if (["done", "kept"].includes(card.element.dataset.state)) card.remove();
  byId("pick").focus();
});
plan.addEventListener("change", updateApply);
