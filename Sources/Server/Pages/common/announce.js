// Says what happened to those who hear the page. What comes at once is said at once, and many of a kind in one sentence.

import { byId } from "./dom.js";

const FEW = 3;

let news = [];

/** `many` is what is said after the number where there are many of a kind: "pictures are done". */
export function announce(sentence, many = sentence) {
  if (!news.length) setTimeout(speak, 400);
  news.push({ sentence, many });
}

function speak() {
  const kinds = Object.groupBy(news, ({ many }) => many);
  byId("announcer").textContent = Object.entries(kinds).flatMap(([many, some]) =>
    (some.length > FEW ? `${some.length} ${many}` : some.map(({ sentence }) => sentence))).join(". ");
  news = [];
}
