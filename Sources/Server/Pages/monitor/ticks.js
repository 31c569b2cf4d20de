// What happens again and again, which all rests while nobody sees the page.

const STEP = 1000; // milliseconds

/** Does something now and every so many seconds, until the signal. `act` sees to its own errors. -> does it at once */
export function every(seconds, act, signal) {
  let timer = null;
  let acting = null;

  async function turn() {
    clearTimeout(timer);
    acting ??= act();
    try {
      await acting;
    } finally {
      acting = null;
    }
    clearTimeout(timer);
    if (!signal.aborted && !document.hidden) timer = setTimeout(turn, STEP * seconds);
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) turn();
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  turn();
  return turn;
}
