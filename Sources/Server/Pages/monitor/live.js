// What the service is doing, second by second, and what it did within the last hour. One stream feeds all views.

import { setClock } from "./ages.js";
import { connection, sleep, whenBack } from "./connection.js";
import { isClosed, lastHour, overview, overviewEvents } from "./operator.js";
import { every } from "./ticks.js";

// Milliseconds after which a stream that says nothing is not waited for: a proxy may hold it back for ever. A slot of time
// ends sooner, so that there is something to say.
const SILENCE = 12_000;
const PATIENCE = 8000; // milliseconds until an answer
const PAUSE = 1000; // between two streams

/** Tells "overview" and "history", and "trouble", with the problem, where the service answers but does not tell. */
class Live extends EventTarget {
  /** What the service last said; null before. */
  overview = null;
  /** The slots of the last hour, the oldest first. */
  slots = [];
  step = 10; // seconds of a slot
  running = null;

  start() {
    if (this.running) return;
    this.running = new AbortController();
    const { signal } = this.running;
    every(this.step, () => this.readHistory(signal), signal);
    this.follow(signal);
  }

  stop() {
    this.running?.abort();
    this.running = null;
  }

  /** Has all views know at once what an order has changed. */
  async refresh() {
    try {
      this.tell(await overview());
    } catch { /* The stream goes on, and tells of it a second later. */ }
  }

  tell(overview) {
    setClock(overview.at);
    this.overview = overview;
    this.dispatchEvent(new Event("overview"));
  }

  async readHistory(signal) {
    try {
      const { step_seconds: step, slots } = await lastHour(signal);
      Object.assign(this, { step, slots });
      this.dispatchEvent(new Event("history"));
    } catch { /* It is asked for again soon; whether the service can be reached is for the stream to find out. */ }
  }

  /** Asks, then listens for as long as there is something to hear, and so on. */
  async follow(signal) {
    while (!signal.aborted) {
      // While nobody sees the page, nothing is asked for.
      if (document.hidden) await seen(signal);
      try {
        await this.look(signal);
        await this.listen(signal);
      } catch (problem) {
        if (signal.aborted || isClosed(problem)) return;
        // A connection that neither answers nor breaks.
        if (problem.name === "TimeoutError") await whenBack();
        else this.dispatchEvent(new CustomEvent("trouble", { detail: problem }));
      }
      await sleep(PAUSE);
    }
  }

  async look(signal) {
    this.tell(await overview(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])));
  }

  /** Tells what the stream says until it breaks off; while it is silent, what is asked for. */
  listen(signal) {
    return new Promise((resolve, reject) => {
      const source = new EventSource(overviewEvents);
      const ending = new AbortController();
      let timer = null;
      const end = () => {
        clearTimeout(timer);
        source.close();
        ending.abort();
        resolve();
      };
      const wait = () => {
        clearTimeout(timer);
        timer = setTimeout(() => this.look(ending.signal).then(wait, (problem) => {
          if (ending.signal.aborted) return;
          reject(problem);
          end();
        }), SILENCE);
      };
      source.addEventListener("overview", ({ data }) => {
        wait();
        this.tell(JSON.parse(data));
      });
      source.addEventListener("error", end);
      connection.addEventListener("lost", end, { signal: ending.signal });
      signal.addEventListener("abort", end, { signal: ending.signal });
      document.addEventListener("visibilitychange", () => { if (document.hidden) end(); }, { signal: ending.signal });
      wait();
    });
  }
}

function seen(signal) {
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true, signal });
    signal.addEventListener("abort", resolve);
  });
}

export const live = new Live();
