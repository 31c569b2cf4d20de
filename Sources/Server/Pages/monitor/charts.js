// The charts of the last hour: what each of them tells of a slot of time, and of a minute.

import { Chart } from "./chart.js";
import { byteRate, duration, figure, rate } from "./figures.js";
import { live } from "./live.js";
import { bytes } from "./words.js";

const HOUR = 3600_000; // milliseconds
const SHORTEST = 3; // seconds of a slot that tell something of its rates

const total = (name) => (slots) => slots.reduce((sum, slot) => sum + slot[name], 0);
const most = (read) => (slots) => {
  const values = slots.map((slot) => read(slot)).filter((value) => value != null);
  return values.length ? Math.max(...values) : null;
};

const perSecond = (name, label, tone) => ({
  name: label, tone, read: (slot, seconds) => slot[name] / seconds, minute: total(name) });
const highest = (name, label, tone) => ({ name: label, tone, read: (slot) => slot[name], minute: most((slot) => slot[name]) });
const percentile = (name, part, tone) => {
  const read = (slot) => slot[name]?.[part] ?? null;
  return { name: part, tone, read, minute: most(read) };
};
const percentiles = (name) => [["p50", "good"], ["p95", "blue"], ["p99", "warm"]].map(([part, tone]) =>
  percentile(name, part, tone));

const TIMES = { format: duration, least: 0.004, about: "The highest of each minute." };
const CHARTS = [
  { title: "Jobs a second", format: rate, minuteFormat: figure, least: 0.4, about: "How many in each minute.", lines: [
    perSecond("submitted", "Submitted", "blue"), perSecond("done", "Done", "good"), perSecond("failed", "Failed", "bad")] },
  { title: "Jobs at once", format: figure, least: 4, isWhole: true, about: "The most of each minute.", lines: [
    highest("depth", "Waiting", "blue"), highest("in_progress", "In progress", "warm")] },
  { title: "Wait for a worker", ...TIMES, lines: percentiles("wait") },
  { title: "Run time", ...TIMES, lines: percentiles("run") },
  { title: "Bytes a second", format: byteRate, minuteFormat: bytes, least: 4000, about: "How many in each minute.", lines: [
    perSecond("bytes_in", "In", "blue"), perSecond("bytes_out", "Out", "good")] },
];

/** -> the charts' elements; they go on until the signal */
export function start(signal) {
  const charts = CHARTS.map((description) => new Chart(description));
  const show = () => {
    const slots = slotsNow();
    if (slots.length) for (const chart of charts) chart.show(slots);
  };
  live.addEventListener("history", show, { signal });
  live.addEventListener("overview", show, { signal });
  show();
  return charts.map(({ element }) => element);
}

/** The slots that have ended, and the one that is being filled where it is long enough to tell of. */
function slotsNow() {
  const known = live.slots.map((slot) => ({ ...slot, at: Date.parse(slot.at), seconds: live.step }));
  const ended = known.filter(({ at }) => at > known.at(-1).at - HOUR);
  const { now, at } = live.overview ?? {};
  if (!now || !ended.length) return ended;
  const began = Date.parse(now.at);
  const seconds = Math.min(live.step, (Date.parse(at) - began) / 1000);
  if (seconds < SHORTEST || began <= ended.at(-1).at) return ended;
  return [...ended.filter(({ at }) => at > began - HOUR), { ...now, at: began, seconds }];
}
