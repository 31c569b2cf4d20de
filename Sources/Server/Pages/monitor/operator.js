// Every request that the page makes in the operator's name.

import { ask, get, query } from "./requests.js";

/** Tells "closed", with the problem, whenever the service wants to know first who asks. */
export const gate = new EventTarget();

async function guarded(answer) {
  try {
    return await answer;
  } catch (problem) {
    if (isClosed(problem)) gate.dispatchEvent(new CustomEvent("closed", { detail: problem }));
    throw problem;
  }
}

/** Whether the service does not know, or does not let in, who asks. */
export const isClosed = ({ code }) => code === "unauthorized" || code === "forbidden";

const read = (path, signal) => guarded(get(path, signal));
const order = async (method, path) => {
  const response = await guarded(ask(path, { method }));
  return response.status === 204 ? null : response.json();
};

/** Whether a token is needed, and whether it was given: `{required, signed_in}`. */
export const session = () => get("/session");
export const signIn = (token) => ask("/session", {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }) });
export const signOut = () => ask("/session", { method: "DELETE" });

export const overviewEvents = "/overview/events";
export const overview = (signal) => read("/overview", signal);
export const lastHour = (signal) => read("/history", signal);
export const jobs = (page, signal) => read(`/jobs?${query(page)}`, signal);
export const job = (id, signal) => read(`/jobs/${encodeURIComponent(id)}`, signal);
export const deadLetters = (page, signal) => read(`/dead-letters?${query(page)}`, signal);
export const batches = (page, signal) => read(`/batches?${query(page)}`, signal);
export const settings = (signal) => read("/settings", signal);

export const retry = (jobID) => order("POST", `/jobs/${jobID}/retry`);
export const cancel = (jobID) => order("DELETE", `/jobs/${jobID}`);
export const remove = (jobID) => order("DELETE", `/dead-letters/${jobID}`);
export const retryPage = (page) => order("POST", `/dead-letters/retry?${query(page)}`);
export const removePage = (page) => order("DELETE", `/dead-letters?${query(page)}`);
export const pause = (isPaused) => order("POST", `/queue/${isPaused ? "pause" : "resume"}`);
export const drain = (workerID, isDraining) => order("POST", `/workers/${workerID}/${isDraining ? "drain" : "resume"}`);

/** A file made small, in a format that every browser knows. */
export const sourcePicture = (fileID) => `/preview/${fileID}?side=480`;
export const resultPicture = (jobID) => `/download/${jobID}`;
export const description = (jobID) => get(`/result/${jobID}`);
export const report = (batchID) => `/batches/${batchID}.csv`;
