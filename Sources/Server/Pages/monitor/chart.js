// One chart of the last hour: lines over time, the values under the pointer or the keys, and the same minute by minute in words.

import { make } from "./dom.js";
import { mark, say } from "./update.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 170;
const SPACE = { left: 62, right: 10, top: 8, bottom: 22 }; // pixels around the lines
const HOUR = 3600;
const MINUTE = 60;
const DASHES = ["", "6 3", "1.5 4"]; // so that lines differ without their colours

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const exactClock = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

let made = 0;

const draw = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS(SVG, tag);
  mark(element, attributes);
  element.append(...children);
  return element;
};

/**
 * A chart of `lines`: `{name, tone, read, minute}`, where `read` tells a slot's value (null where there is none) for the
 * slot and its seconds, and `minute` that of a minute's slots for the table.
 */
export class Chart {
  slots = [];
  place = null; // of the value that is looked at; the latest where null

  /**
   * @param format makes a value a text with its unit
   * @param minuteFormat the same for the table
   * @param least what the axis reaches at least
   * @param about what the table's figures are
   */
  constructor({ title, lines, format, minuteFormat = format, least, about, isWhole = false }) {
    Object.assign(this, { title, lines, format, minuteFormat, least, isWhole });
    const id = `chart-${made += 1}`;
    this.moment = make("p", { class: "moment" }, "now");
    this.values = lines.map(() => make("strong", {}, "–"));
    const legend = make("ul", { class: "legend" }, lines.map(({ name, tone }, index) => make("li", {},
      swatch(tone, index), make("span", {}, name), this.values[index])));
    this.grid = draw("g", { class: "grid" });
    this.paths = lines.map(({ tone }, index) => draw("path", {
      class: `stroke ${tone}`, "stroke-dasharray": DASHES[index] || null }));
    this.pointer = draw("path", { class: "pointer" });
    this.dots = lines.map(({ tone }) => draw("circle", { class: `dot ${tone}`, r: 3.5 }));
    this.svg = draw("svg", { "aria-hidden": "true", height: HEIGHT, width: "100%" }, this.grid, ...this.paths, this.pointer,
      ...this.dots);
    this.slider = make("input", { type: "range", min: 0, max: 0, step: 1, "aria-label": `${title}: moment`,
      input: () => this.point(Number(this.slider.value)), focus: () => this.point(this.place ?? this.slots.length - 1),
      blur: () => this.point(null) });
    this.plot = make("div", { class: "plot",
      pointermove: (event) => { if (event.pointerType === "mouse") this.pointAt(event.clientX); },
      pointerleave: () => { if (document.activeElement !== this.slider) this.point(null); } }, this.svg, this.slider);
    this.body = make("tbody");
    this.details = make("details", { toggle: () => this.fillTable() }, make("summary", {}, "Minute by minute"),
      make("p", { class: "note" }, about),
      make("div", { class: "table", tabindex: "0", role: "region", "aria-label": `${title}, minute by minute` },
        make("table", {}, make("thead", {}, make("tr", {}, ["Time", ...lines.map(({ name }) => name)].map((name) =>
          make("th", { scope: "col" }, name)))), this.body)));
    this.element = make("figure", { class: "glass chart", "aria-labelledby": id },
      make("figcaption", {}, make("h3", { id }, title), this.moment), legend, this.plot, this.details);
    new ResizeObserver(() => this.draw()).observe(this.plot);
  }

  /** `slots`: `{at, seconds, …}`, the oldest first, `at` in milliseconds. */
  show(slots) {
    const looked = this.place == null ? null : this.slots[this.place]?.at;
    this.slots = slots;
    // What is looked at stays the same while time goes on.
    if (looked != null) this.place = Math.max(0, slots.findIndex(({ at }) => at === looked));
    mark(this.slider, { max: slots.length - 1 });
    if (looked != null) this.slider.value = this.place;
    this.draw();
    if (this.details.open) this.fillTable();
  }

  draw() {
    const width = this.plot.clientWidth;
    if (!width || !this.slots.length) return;
    const tracks = this.lines.map(({ read }) => this.slots.map((slot) => read(slot, slot.seconds)));
    const last = this.slots.at(-1);
    const end = last.at + 1000 * last.seconds;
    const { step, top } = scale(Math.max(this.least, ...tracks.flat().filter((value) => value != null)), this.isWhole);
    this.x = (at) => SPACE.left + (width - SPACE.left - SPACE.right) * (1 - (end - at) / 1000 / HOUR);
    this.y = (value) => HEIGHT - SPACE.bottom - (HEIGHT - SPACE.bottom - SPACE.top) * (value / top);
    this.tracks = tracks;
    this.drawGrid(width, end, step, top);
    tracks.forEach((track, index) => mark(this.paths[index], { d: this.path(track) }));
    this.showValues();
  }

  /** The x of a slot is its middle. */
  middle(slot) {
    return this.x(slot.at + 500 * slot.seconds);
  }

  /** A line that is broken where there are no values; one value alone is a dot, which the line's round end makes. */
  path(track) {
    let text = "";
    const { slots } = this;
    // Neighbours where no slot between them is missing.
    const isJoined = (index) => track[index] != null && track[index + 1] != null
      && slots[index + 1].at - slots[index].at <= 1500 * slots[index].seconds;
    track.forEach((value, index) => {
      if (value == null) return;
      const isFirst = !isJoined(index - 1);
      text += `${isFirst ? "M" : "L"}${this.middle(slots[index]).toFixed(1)} ${this.y(value).toFixed(1)}`;
      if (isFirst && !isJoined(index)) text += "h0";
    });
    return text;
  }

  drawGrid(width, end, step, top) {
    const every = width < 460 ? 20 : 10; // minutes between two marks of time
    const first = Math.ceil((end / 1000 - HOUR) / MINUTE / every) * every;
    const times = [];
    for (let minute = first; minute * MINUTE * 1000 <= end; minute += every) times.push(minute * MINUTE * 1000);
    const levels = [];
    for (let level = 0; level <= top * 1.001; level += step) levels.push(level);
    // The marks of time move, those of values seldom change.
    const shape = JSON.stringify([width, levels, times, Math.round(this.x(times[0] ?? 0))]);
    if (shape === this.shape) return;
    this.shape = shape;
    const right = width - SPACE.right;
    this.grid.replaceChildren(
      ...levels.flatMap((level) => [
        draw("path", { d: `M${SPACE.left} ${this.y(level)}H${right}` }),
        draw("text", { x: SPACE.left - 8, y: this.y(level) + 4, "text-anchor": "end" }, this.format(level))]),
      ...times.filter((at) => this.x(at) > SPACE.left + 12 && this.x(at) < right - 12).map((at) =>
        draw("text", { x: this.x(at), y: HEIGHT - 5, "text-anchor": "middle" }, clock.format(at))));
  }

  pointAt(clientX) {
    if (!this.x) return;
    const x = clientX - this.plot.getBoundingClientRect().left;
    let best = 0;
    this.slots.forEach((slot, index) => {
      if (Math.abs(this.middle(slot) - x) < Math.abs(this.middle(this.slots[best]) - x)) best = index;
    });
    this.point(best);
  }

  /** Looks at the value at this place, or at the latest. */
  point(place) {
    this.place = place;
    if (place != null) this.slider.value = place;
    this.showValues();
  }

  showValues() {
    const place = this.place ?? this.slots.length - 1;
    const slot = this.slots[place];
    if (!slot || !this.tracks) return;
    const values = this.tracks.map((track) => track[place]);
    const texts = values.map((value) => (value == null ? "–" : this.format(value)));
    texts.forEach((text, index) => say(this.values[index], text));
    say(this.moment, this.place == null ? "now" : exactClock.format(slot.at));
    mark(this.pointer, { d: this.place == null ? "" : `M${this.middle(slot)} ${SPACE.top}V${HEIGHT - SPACE.bottom}` });
    this.dots.forEach((dot, index) => mark(dot, this.place == null || values[index] == null
      ? { cx: -9, cy: -9 } : { cx: this.middle(slot), cy: this.y(values[index]) }));
    const spoken = this.lines.map(({ name }, index) => `${name} ${values[index] == null ? "nothing" : texts[index]}`);
    // Who is not looking is told nothing of it.
    if (this.place != null || !this.slider.hasAttribute("aria-valuetext")) {
      mark(this.slider, { "aria-valuetext": `${exactClock.format(slot.at)}: ${spoken.join(", ")}` });
    }
  }

  fillTable() {
    if (!this.details.open) return;
    const minutes = new Map();
    for (const slot of this.slots) {
      const minute = Math.floor(slot.at / 1000 / MINUTE);
      if (!minutes.has(minute)) minutes.set(minute, []);
      minutes.get(minute).push(slot);
    }
    const rows = [...minutes].reverse().map(([minute, slots]) => [clock.format(1000 * MINUTE * minute),
      ...this.lines.map((line) => {
        const value = line.minute(slots);
        return value == null ? "–" : this.minuteFormat(value);
      })]);
    while (this.body.rows.length > rows.length) this.body.lastElementChild.remove();
    while (this.body.rows.length < rows.length) {
      this.body.append(make("tr", {}, make("th", { scope: "row" }), this.lines.map(() => make("td"))));
    }
    rows.forEach((row, index) => row.forEach((text, column) => say(this.body.rows[index].cells[column], text)));
  }
}

const swatch = (tone, index) => draw("svg", { class: "swatch-line", "aria-hidden": "true", width: 26, height: 10 },
  draw("path", { class: `stroke ${tone}`, d: "M2 5H24", "stroke-dasharray": DASHES[index] || null }));

/** Three to five round steps up to at least `most`. */
function scale(most, isWhole) {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
  if (isWhole) step = Math.max(1, step);
  return { step, top: step * Math.ceil(most / step - 1e-9) };
}
