// Cards of descriptions: each picture is sent to be described, and what comes is shown as text.

import { announce } from "./announce.js";
import { description, submit } from "./api.js";
import { Card, uploads } from "./card.js";
import { byId, make } from "./dom.js";
import { follow } from "./jobs.js";
import { bytes, sentence } from "./words.js";

class DescriptionCard extends Card {
  text = make("p", { class: "text" });
  measures = make("details", { hidden: true });

  constructor(source) {
    super(source, () => {});
    this.actions.before(this.text, this.measures);
  }

  async work() {
    this.awaitThumbnail();
    this.offer();
    this.showState("waiting", "Waits for its turn");
    this.jobID ??= await uploads(() => {
      this.signal.throwIfAborted();
      return submit(this.source, { progress: (sent) => this.showUpload(sent), signal: this.signal });
    });
    this.showState("queued", "Waits for its turn");
    this.offer(this.cancelButton(this.jobID));
    const job = await follow(this.jobID, (job) => this.showJob(job), this.signal);
    // Another try is another job.
    if (job.status !== "done") this.jobID = null;
    this.expectDone(job);
    this.finish(await description(job.job_id));
  }

  finish({ description: text, source, model, usage, measures }) {
    const tokens = usage?.total_tokens ? `, ${usage.total_tokens} tokens` : "";
    this.showState("done", source === "measured" ? "Measured" : `By ${model ?? source}${tokens}`);
    this.text.textContent = text;
    this.measures.replaceChildren(make("summary", {}, "Measures"), list(measures));
    this.measures.hidden = !Object.keys(measures ?? {}).length;
    this.offer(this.copyButton("copy", "Copy text", text));
    announce(`${this.name} is described`, "pictures are described");
  }
}

const list = (measures) => make("dl", {}, Object.entries(measures ?? {}).filter(([, value]) => value != null)
  .flatMap(([name, value]) => [make("dt", {}, sentence(name)), make("dd", {}, ...shown(name, value))]));

function shown(name, value) {
  if (name === "file_size") return [bytes(value)];
  if (name === "dominant_colors") return value.map(swatch);
  if (typeof value === "boolean") return [value ? "yes" : "no"];
  return [typeof value === "object" ? JSON.stringify(value) : String(value)];
}

function swatch({ hex, name, share }) {
  const patch = make("span", { class: "patch" });
  patch.style.backgroundColor = hex;
  return make("span", { class: "swatch" }, patch, `${name} ${Math.round(100 * share)} %`);
}

export function add(sources) {
  const added = sources.map((source) => new DescriptionCard(source));
  byId("descriptions").querySelector(".cards").prepend(...added.map(({ element }) => element));
  for (const card of added) card.run();
}
