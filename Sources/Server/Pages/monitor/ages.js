// How long ago things were. All ages on the page go on together.

import { make } from "./dom.js";
import { duration } from "./figures.js";
import { every } from "./ticks.js";
import { say } from "./update.js";
import { time } from "./words.js";

/** How far the service's clock is ahead of this machine's, in milliseconds. */
let ahead = 0;

/** Takes over what the service's clock says. */
export function setClock(text) {
  ahead = Date.parse(text) - Date.now();
}

/** "3 s ago", "in 4 min", or with `isSpan` "3 s". */
export function age(text, isSpan = false) {
  if (!text) return null;
  const element = make("time", { datetime: text, title: time(text), "data-age": isSpan ? "span" : "distance" });
  element.textContent = words(element);
  return element;
}

function words({ dateTime, dataset }) {
  const seconds = (Date.now() + ahead - Date.parse(dateTime)) / 1000;
  const span = duration(Math.floor(Math.abs(seconds)));
  if (dataset.age === "span") return span;
  return seconds < -0.5 ? `in ${span}` : `${span} ago`;
}

/** Keeps all ages true until the signal. */
export const start = (signal) => every(1, async () => {
  for (const element of document.querySelectorAll("time[data-age]")) say(element, words(element));
}, signal);
