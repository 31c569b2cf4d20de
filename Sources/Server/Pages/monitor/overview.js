// How the whole service stands.

import { announce } from "./announce.js";
import { start as startCharts } from "./charts.js";
import { sure } from "./confirm.js";
import { button, make } from "./dom.js";
import { duration, figure, rate } from "./figures.js";
import { live } from "./live.js";
import { pause } from "./operator.js";
import { carryOut } from "./orders.js";
import { mark, remake, say } from "./update.js";
import { capital, count } from "./words.js";

const FIGURES = [
  ["Waiting", ({ queue }) => figure(queue.depth)],
  ["In progress", ({ queue }) => figure(queue.in_progress)],
  ["Delayed", ({ queue }) => figure(queue.delayed)],
  ["Dead letters", ({ queue }) => figure(queue.dead), "dead"],
  ["Oldest waits", ({ queue }) => duration(queue.oldest_seconds)],
  ["Coming in", ({ queue }) => rate(queue.enqueued_per_second)],
  ["Getting done", ({ queue }) => rate(queue.done_per_second)],
  ["Backlog a worker", ({ backlog_per_worker: backlog }) => figure(backlog)],
  ["Busy slots", ({ workers }) => `${figure(workers.busy)} of ${figure(workers.slots)}`, "workers"],
];

const WORDS = {
  healthy: "Everything works", degraded: "Works, but not everything is well", unhealthy: "The service cannot work now",
};

/** The status in a word and in a sentence. */
export const statusWords = ({ status, paused }) => [paused ? `${capital(status)}, paused` : capital(status), WORDS[status] ?? ""];

export function open({ signal }) {
  const status = make("strong", { class: "status" }, "…");
  const sentence = make("span", { class: "soft" });
  const pauser = button("pause", "Pause", () => turn(pauser));
  const figures = FIGURES.map(([name, read, view]) => {
    const value = make(view ? "a" : "span", { class: "figure", href: view && `#view=${view}` }, "–");
    return { read, value, element: make("div", {}, make("dt", {}, name), make("dd", {}, value)) };
  });
  const components = make("ul", { class: "components", "aria-label": "Components" });

  function show() {
    const { overview } = live;
    if (!overview) return;
    const [word, words] = statusWords(overview);
    say(status, word);
    mark(status, { "data-status": overview.status });
    say(sentence, [words, overview.paused && "no worker takes a job", `version ${overview.version}`,
      `up for ${duration(overview.uptime_seconds >= 60 ? overview.uptime_seconds : Math.floor(overview.uptime_seconds))}`,
      count(overview.workers.live, "worker")].filter(Boolean).join(" · "));
    say(pauser.lastChild, overview.paused ? "Resume" : "Pause");
    mark(pauser.querySelector("use"), { href: overview.paused ? "#resume" : "#pause" });
    for (const { read, value } of figures) say(value, read(overview));
    const parts = Object.entries(overview.components);
    remake(components, parts.map(([name, { kind, status }]) => [name, kind, status]), () => parts.map(([name, part]) =>
      make("li", { "data-status": part.status }, make("strong", {}, capital(name)), make("span", { class: "soft" }, part.kind),
        make("span", { class: "status", "data-status": part.status }, part.status), make("span", { class: "latency" }))));
    parts.forEach(([, { latency_ms: latency }], index) => {
      say(components.children[index].querySelector(".latency"), latency == null ? "" : duration(latency / 1000));
    });
  }

  live.addEventListener("overview", show, { signal });
  show();
  return [
    make("div", { class: "glass standing" }, make("p", {}, status, sentence), pauser, components),
    make("dl", { class: "glass figures" }, figures.map(({ element }) => element)),
    make("div", { class: "charts" }, startCharts(signal)),
  ];
}

async function turn(pauser) {
  const isPaused = !live.overview?.paused;
  if (isPaused && !await sure("Pause the queue?", "What runs goes on to its end. What waits, waits until the queue is resumed; "
    + "new jobs are still accepted.", "Pause")) return;
  await carryOut(pauser, () => pause(isPaused), isPaused ? "The queue is paused; workers notice within 5 seconds"
    : "The queue is resumed");
  live.refresh();
}

/** Says when the service's standing changes, whatever view is open. */
export function sayChanges() {
  let before = null;
  live.addEventListener("overview", () => {
    const [word] = statusWords(live.overview);
    if (before !== null && before !== word) announce(`The service is now: ${word.toLowerCase()}`);
    before = word;
  });
}
