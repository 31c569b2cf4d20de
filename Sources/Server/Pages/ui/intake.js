// Files come by drag and drop anywhere on the page, from the clipboard, and from the browser's own dialog.

import { byId } from "./dom.js";

/** Has `take` called with a list of files whenever some come. */
export function start(take) {
  const some = (files) => { if (files.length) take([...files]); };
  let depth = 0; // dragenter comes for each element on the way, and dragleave as often
  const count = (change) => {
    depth = change ? Math.max(0, depth + change) : 0;
    document.body.classList.toggle("dragging", depth > 0);
  };
  const brings = (event) => event.dataTransfer?.types.includes("Files");

  addEventListener("dragenter", (event) => { if (brings(event)) count(1); });
  addEventListener("dragleave", (event) => { if (brings(event)) count(-1); });
  addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", async (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    count(0);
    some(await dropped(event.dataTransfer));
  });
  addEventListener("paste", (event) => some(event.clipboardData.files));
  byId("pick").addEventListener("change", ({ target }) => {
    some(target.files);
    target.value = ""; // or the same file could not be chosen again
  });
}

/** All files, also those in folders. */
async function dropped(transfer) {
  // Asked for at once: after the event they are gone.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some(({ isDirectory }) => isDirectory)) return transfer.files;
  return (await Promise.all(entries.map(within))).flat();
}

async function within(entry) {
  if (entry.isFile) return new Promise((resolve) => { entry.file((file) => resolve([file]), () => resolve([])); });
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    // It tells of a hundred at a time.
    const some = await new Promise((resolve) => { reader.readEntries(resolve, () => resolve([])); });
    if (!some.length) return files;
    files.push(...(await Promise.all(some.map(within))).flat());
  }
}
