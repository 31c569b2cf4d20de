// The plan that pictures are made with, as one value that the page's parts change and listen to.

import { address } from "./address.js";
import { begin, complete, output as outputParameters, readStep, readValue, writeStep } from "./operations.js";

/** What a picture is written with where no quality is given. */
const usualQuality = 80;

export const PRESETS = [
  { name: "Thumbnail", steps: [{ type: "thumbnail", size: 200 }] },
  {
    name: "Web", output: { format: "webp", quality: 80 },
    steps: [{ type: "resize", width: 1600, height: 1600, fit: "inside", enlarge: false }],
  },
  { name: "Black and white", steps: [{ type: "grayscale" }] },
  { name: "Sepia", steps: [{ type: "sepia", intensity: 1 }] },
  { name: "Compress 50 %", steps: [{ type: "compress", quality: 50 }] },
];

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

class Plan extends EventTarget {
  steps = [];
  output = {};

  /** What the service takes as JSON. */
  get json() {
    return { operations: this.steps, ...(Object.keys(this.output).length && { output: this.output }) };
  }

  get text() { return this.steps.map(writeStep).join(","); }

  /** The same for plans that mean the same. */
  get key() { return JSON.stringify([this.text, Object.entries(this.output).sort()]); }

  get isEmpty() { return !this.steps.length && !Object.keys(this.output).length; }

  /** A CSV's pictures have no output of their own: steps say as much of it as they can. */
  get sheetText() {
    const { format, quality } = this.output;
    // To compress is more work than to write at a quality, so what is usual is not asked for.
    const compress = quality && quality !== usualQuality && `compress:quality=${quality}`;
    return [this.text, format && `convert:format=${format}`, compress].filter(Boolean).join(",");
  }

  get curl() {
    return [
      `id=$(curl -s ${location.origin}/upload -F file=@picture.jpg | jq -r .file_id)`,
      `job=$(curl -s ${location.origin}/process/$id -H 'Prefer: wait=30' \\\n  -H 'Content-Type: application/json' \\\n`
        + `  -d ${quoted(JSON.stringify(this.json))} | jq -r .job_id)`,
      `curl -OJ ${location.origin}/download/$job`,
    ].join("\n");
  }

  /** What the output may say beside the steps: a step that says it as well would contradict it. */
  isFixed(name) {
    const type = { format: "convert", quality: "compress" }[name];
    return this.steps.some((step) => step.type === type);
  }

  /** The preset that this is, if any. */
  get preset() { return PRESETS.find((preset) => keyOf(preset) === this.key); }

  set({ steps, output = {} }) {
    this.steps = steps.map(complete);
    this.output = { ...output };
    this.changed("shape");
  }

  add(type) {
    const step = begin(type);
    this.steps.push(step);
    this.changed("shape");
    return step;
  }

  remove(step) {
    this.steps = this.steps.filter((other) => other !== step);
    this.changed("shape");
  }

  move(step, index) {
    if (index < 0 || index >= this.steps.length || this.steps[index] === step) return;
    this.steps = this.steps.filter((other) => other !== step);
    this.steps.splice(index, 0, step);
    this.changed("shape");
  }

  /** Gives a step, or the output, a value; undefined takes it away. */
  give(target, name, value) {
    const given = { ...target, [name]: value };
    for (const key of Object.keys(target)) delete target[key];
    Object.assign(target, target === this.output ? given : complete(given));
    if (value === undefined) delete target[name];
    this.changed("value");
  }

  /** Tells "shape" where steps came, went or moved, else "value". */
  changed(how) {
    for (const name of Object.keys(this.output)) if (this.isFixed(name)) delete this.output[name];
    const none = Object.fromEntries(Object.values(outputParameters).map(({ name }) => [name, null]));
    address.set({ transformations: this.text, ...none, ...this.output });
    this.dispatchEvent(new CustomEvent("change", { detail: how }));
  }

  /** Takes the plan that the address has, if it has one. */
  readAddress() {
    const { members } = address;
    if (!members.has("transformations")) return false;
    const steps = members.get("transformations").split(",").filter(Boolean).map(readStep);
    const output = Object.values(outputParameters).filter(({ name }) => members.get(name))
      .map(({ name, kind }) => [name, readValue(members.get(name), kind)]);
    this.set({ steps, output: Object.fromEntries(output) });
    return true;
  }
}

function keyOf(preset) {
  const other = new Plan();
  Object.assign(other, { steps: preset.steps.map(complete), output: preset.output ?? {} });
  return other.key;
}

export const plan = new Plan();
