// Follows jobs to their ends. A browser has six connections to a service that speaks HTTP/1.1, and three may be uploads: so
// one is a stream of events, of the job that has waited longest and is probably running, and one asks for all the others.

import { Problem, events, statuses } from "./api.js";
import { sleep } from "./connection.js";

const PAUSE = 700; // milliseconds between two questions
const AT_ONCE = 100; // jobs that the service takes in one question

const followers = new Map(); // by the job's id, the oldest first
let stream = null;
let isAsking = false;

const isOver = (status) => ["done", "failed", "canceled"].includes(status);

/** Tells `changed` of every state of a job before its end. -> its last state; a Problem where the job is gone */
export function follow(id, changed, signal) {
  return new Promise((resolve, reject) => {
    followers.set(id, { changed, resolve, reject, mayStream: true });
    signal.addEventListener("abort", () => end(id, reject, signal.reason));
    openStream();
    ask();
  });
}

function tell(id, job) {
  const follower = followers.get(id);
  if (!follower) return;
  if (!job.status) {
    end(id, follower.reject, new Problem({ code: job.error.code, title: "The job is gone", detail: "It is kept no longer." }));
  } else if (isOver(job.status)) {
    end(id, follower.resolve, job);
  } else {
    follower.changed(job);
  }
}

function end(id, settle, value) {
  followers.delete(id);
  settle(value);
  if (stream?.id === id) closeStream();
}

function openStream() {
  const [id, follower] = [...followers].find(([, { mayStream }]) => mayStream) ?? [];
  if (stream || !id) return;
  stream = { id, source: new EventSource(events(id)), delivers: false };
  stream.source.addEventListener("status", ({ data }) => {
    stream.delivers = true;
    tell(id, JSON.parse(data));
  });
  stream.source.addEventListener("error", () => {
    // From now on it is asked for, which also finds out whether the connection is lost.
    follower.mayStream = false;
    closeStream();
  });
}

function closeStream() {
  stream.source.close();
  stream = null;
  openStream();
}

async function ask() {
  if (isAsking) return;
  isAsking = true;
  while (followers.size) {
    await sleep(PAUSE);
    // A stream counts once it delivers: a proxy may hold it back for ever.
    const ids = [...followers.keys()].filter((id) => !(stream?.id === id && stream.delivers));
    while (ids.length) {
      const some = ids.splice(0, AT_ONCE);
      try {
        (await statuses(some)).forEach((job, index) => tell(some[index], job));
      } catch (problem) {
        for (const id of some) if (followers.has(id)) end(id, followers.get(id).reject, problem);
      }
    }
  }
  isAsking = false;
}
