// Every request that the page makes.

import { Problem, ask, get, patiently, query } from "./requests.js";

export { Problem };

/** The same on each try of one wish, so that a lost answer makes no second job. */
const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");

/** Sends a file in a form, which fetch can do but tells nothing of its progress. */
async function send(path, file, { fields = {}, progress, signal }) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  form.append("file", file, file.name);
  const key = newKey();
  const response = await patiently(async () => {
    await readable(file);
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const abort = () => request.abort();
      signal.addEventListener("abort", abort);
      request.upload.onprogress = (event) => progress(Math.min(event.loaded, file.size));
      request.onload = () => resolve(new Response(request.responseText, {
        status: request.status, headers: { "Retry-After": request.getResponseHeader("Retry-After") ?? "" } }));
      request.onerror = () => reject(new TypeError("no answer"));
      request.onabort = () => reject(signal.reason);
      request.onloadend = () => signal.removeEventListener("abort", abort);
      request.open("POST", path);
      request.setRequestHeader("Idempotency-Key", key);
      request.send(form);
    });
  });
  return response.json();
}

/** A file that is gone from the disk breaks an upload off just as a lost connection does. */
async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new Problem({ code: "unreadable", title: "The file cannot be read", detail: "It may have been moved or changed." });
  }
}

/** -> the file, as the service keeps it */
export const upload = (file, following) => send("/upload", file, following);

/** Sends a CSV, whose pictures are made by these transformations. -> the batch's id */
export const uploadSheet = async (file, transformations, following) =>
  (await send("/upload", file, { ...following, fields: { transformations } })).batch_id;

/** -> the job that describes a picture */
export const submit = async (file, following) => (await send("/submit", file, following)).job_id;

/** -> the job that applies a plan to a file */
export async function develop(fileID, plan) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": newKey() };
  return (await ask(`/process/${fileID}`, { method: "POST", headers, body: JSON.stringify(plan) })).json();
}

/** The states of up to 100 jobs, in this order. */
export const statuses = async (ids) => (await get(`/status?ids=${ids.join(",")}`)).jobs;

export const cancel = (jobID) => ask(`/jobs/${jobID}`, { method: "DELETE" });
export const removeFile = (fileID) => ask(`/files/${fileID}`, { method: "DELETE" });
export const description = (jobID) => get(`/result/${jobID}`);
export const batch = (id, page) => get(`/status/${id}?${query(page)}`);
export const files = (page) => get(`/list?${query(page)}`);
export const jobs = (page) => get(`/jobs?${query(page)}`);
export const openAPI = () => get("/openapi.json");

/** A picture that is made at once and not kept. -> its bytes */
export async function preview(fileID, side, transformations, signal) {
  // The browser keeps it, and asks with its tag whether it is still the same.
  const response = await ask(`/preview/${fileID}?${query({ side, transformations })}`, { signal, cache: "no-cache" });
  return response.blob();
}

export const events = (jobID) => `/status/${jobID}/events`;
export const result = (jobID) => `/download/${jobID}`;
export const attachment = (jobID) => `${result(jobID)}?disposition=attachment`;
export const report = (batchID) => `/batches/${batchID}.csv`;
