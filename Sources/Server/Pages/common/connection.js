// Whether the service can be reached. Whoever finds it away waits for `whenBack`, and goes on by itself.

/** Tells "lost" and "back". */
export const connection = new EventTarget();

let returning = null;

/** Resolves once the service answers. */
export function whenBack() {
  returning ??= knock();
  return returning;
}

/** Whether the service answers now. */
export async function answers() {
  try {
    return (await fetch("/health/live", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

export const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

async function knock() {
  connection.dispatchEvent(new Event("lost"));
  for (let pause = 500; ; pause = Math.min(2 * pause, 8000)) {
    // The browser knows of its own network before we ask again.
    await Promise.race([sleep(pause), new Promise((resolve) => { addEventListener("online", resolve, { once: true }); })]);
    if (await answers()) break;
  }
  returning = null;
  connection.dispatchEvent(new Event("back"));
}

addEventListener("offline", whenBack);
