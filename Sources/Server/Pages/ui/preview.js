// What the plan makes of one picture, while it is being made up. The browser does what it does just as the service would, at
// once; all before that is made by the service, small.

import { preview as render } from "./api.js";
import { byId } from "./dom.js";
import { show } from "./images.js";
import { plan } from "./plan.js";
import { lack, writeStep } from "./operations.js";
import { capital } from "./words.js";

const SIDE = 640; // pixels
const PAUSE = 200; // milliseconds after the last change

// Both follow the same specification (W3C Filter Effects, on sRGB values). Not grayscale(), whose weights are others, nor
// blur(), which fades at the edges.
const FILTERS = {
  sepia: ({ intensity }) => `sepia(${intensity})`, invert: ({ intensity }) => `invert(${intensity})`,
  saturate: ({ intensity }) => `saturate(${intensity})`, brightness: ({ intensity }) => `brightness(${intensity})`,
  contrast: ({ intensity }) => `contrast(${intensity})`, hue_rotate: ({ intensity }) => `hue-rotate(${intensity}deg)`,
};
const MIRRORS = { flip: [1, -1], flop: [-1, 1] };
const NEUTRAL = ["convert", "compress"]; // change the file, not what is seen at this size
const OPAQUE = ["jpeg", "bmp"]; // formats without transparency

const [frame, image, hint, caption] = [".frame", "img", ".frame p", "figcaption"]
  .map((part) => byId("preview").querySelector(part));

let card = null;
let shown = null; // what the service has made of which file
let asking = new AbortController();
let timer = null;

/** Shows the first picture that there is, until somebody chooses. */
export function suggest(other) {
  if (!card || card.isGone) choose(other);
}

/** Shows this card's picture from now on. */
export function choose(other) {
  card?.viewer.setAttribute("aria-pressed", "false");
  card = other;
  card.viewer.setAttribute("aria-pressed", "true");
  update();
}

/** What the service has to make, and what the browser does with that. */
function split(steps) {
  const visible = steps.filter(({ type }) => !NEUTRAL.includes(type));
  const last = visible.findLastIndex(({ type }) => !(type in FILTERS) && !(type in MIRRORS));
  const rest = visible.slice(last + 1);
  const [x, y] = rest.reduce(([x, y], { type }) => [x * (MIRRORS[type]?.[0] ?? 1), y * (MIRRORS[type]?.[1] ?? 1)], [1, 1]);
  return {
    text: visible.slice(0, last + 1).map(writeStep).join(","),
    filter: rest.map((step) => FILTERS[step.type]?.(step)).filter(Boolean).join(" "), mirror: `${x} ${y}`,
  };
}

function update() {
  asking.abort();
  clearTimeout(timer);
  if (!card?.file) return;
  const unfinished = plan.steps.map(lack).find(Boolean);
  if (unfinished) {
    refuse(unfinished);
    return;
  }
  const { text, filter, mirror } = split(plan.steps);
  const wanted = `${card.file.file_id} ${text}`;
  const finish = () => {
    frame.classList.remove("stale", "impossible");
    image.style.filter = filter;
    image.style.scale = mirror;
    // Behind the picture, where no filter reaches.
    image.parentElement.style.background = fill();
    caption.textContent = card.name;
    hint.textContent = "";
  };
  if (shown === wanted) {
    finish();
    return;
  }
  frame.classList.add("stale");
  asking = new AbortController();
  const { signal } = asking;
  timer = setTimeout(async () => {
    try {
      const blob = await render(card.file.file_id, SIDE, text, signal);
      if (signal.aborted) return;
      await show(image, blob);
      image.alt = `${card.name} with the plan`;
      shown = wanted;
      if (signal.aborted) update();
      else finish();
    } catch (problem) {
      if (signal.aborted) return;
      refuse(capital(problem.message));
    }
  }, shown?.startsWith(card.file.file_id) ? PAUSE : 0);
}

/** Says why there is no preview. */
function refuse(reason) {
  frame.classList.remove("stale");
  frame.classList.add("impossible");
  hint.textContent = reason;
}

/** What takes the place of transparent pixels in a format that has none. */
function fill() {
  const format = plan.steps.findLast(({ type }) => type === "convert")?.format ?? plan.output.format ?? card.file.format;
  return OPAQUE.includes(format) ? plan.output.background ?? "#ffffff" : "";
}

plan.addEventListener("change", update);
