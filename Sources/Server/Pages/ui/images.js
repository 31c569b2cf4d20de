// Pictures as bytes into <img>, few at once: a page with hundreds must neither fill the memory nor the line to the service.

import { preview } from "./api.js";
import { line } from "./line.js";

const SIDE = 800; // pixels, of a thumbnail that is also the "before" of a comparison
const drawn = line(2);
const fetched = line(2);

/** Shows bytes, which are let go as soon as the browser has read them. */
export function show(image, blob) {
  const url = URL.createObjectURL(blob);
  return new Promise((resolve, reject) => {
    image.onload = () => { URL.revokeObjectURL(url); resolve(image); };
    image.onerror = () => { URL.revokeObjectURL(url); reject(new Error("the browser cannot show this picture")); };
    image.src = url;
    image.hidden = false;
  });
}

/** A small copy of a picture that the user has, made here. It fails for formats that the browser does not know. */
export const shrink = (file) => drawn(async () => {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/webp", quality: 0.92 });
});

/** A small copy of a file that the service has. */
export const ask = (fileID, side = SIDE, transformations = "") => fetched(() => preview(fileID, side, transformations));

const waiting = new WeakMap(); // an element -> what makes it complete
const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    waiting.get(target)();
    waiting.delete(target);
  }
}, { rootMargin: "300px" });

/** Does something for an element once it is near the screen. */
export function whenSeen(element, act) {
  waiting.set(element, act);
  watcher.observe(element);
}
