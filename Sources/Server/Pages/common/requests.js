// How the page asks the service. Each question waits for a lost connection and for a busy service; what it throws otherwise is
// a Problem, in words for people.

import { answers, sleep, whenBack } from "./connection.js";

const TRIES = 5; // while the service answers other requests

/** Why something was refused or failed. */
export class Problem extends Error {
  constructor({ code, title, detail }) {
    super(detail || title);
    Object.assign(this, { code, title, detail });
  }

  static async of(response) {
    try {
      return new Problem(await response.json());
    } catch {
      return new Problem({ code: "unknown", title: `The service answered with ${response.status}` });
    }
  }
}

/** Makes an attempt until it is answered. A TypeError of it, as of fetch, means that there was no answer. */
export async function patiently(attempt) {
  for (let tries = 1; ; tries += 1) {
    let response;
    try {
      response = await attempt();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (tries >= TRIES && await answers()) {
        throw new Problem({ code: "broken_off", title: "The transfer broke off", detail: "It was tried several times." });
      }
      await whenBack();
      continue;
    }
    if (response.ok) return response;
    // Of a proxy whose service is away, and of a service that has too much to do.
    if (tries === TRIES || ![502, 503, 504].includes(response.status)) throw await Problem.of(response);
    await sleep(1000 * (Number(response.headers.get("Retry-After")) || tries));
  }
}

/** -> the answer */
export const ask = (path, options) => patiently(() => fetch(path, { cache: "no-store", ...options }));

/** -> what the answer says, as JSON */
export const get = async (path, signal) => (await ask(path, { signal })).json();

/** Members of a query; those without a value are left out. */
export const query = (members) =>
  new URLSearchParams(Object.entries(members).filter(([, value]) => value != null && value !== ""));
