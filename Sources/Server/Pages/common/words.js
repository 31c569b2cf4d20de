// Figures and times as people read them.

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en");
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A number of bytes, in the decimal units of the service: 878 kB. */
export function bytes(count) {
  if (count < 1000) return `${count} B`;
  const power = Math.min(3, Math.floor(Math.log10(count) / 3));
  const figure = count / 1000 ** power;
  return `${figure < 100 ? number.format(figure) : Math.round(figure)} ${["", "kB", "MB", "GB"][power]}`;
}

/** How the result's size compares: 93 % smaller. */
export function savings(before, after) {
  const percent = Math.round(100 * Math.abs(1 - after / before));
  if (percent === 0) return "same size";
  return `${whole.format(percent)} % ${after < before ? "smaller" : "larger"}`;
}

export const pixels = (width, height) => `${width}×${height}`;

export const formatName = (format) => (format === "webp" ? "WebP" : format.toUpperCase());

export const time = (text) => (text ? moment.format(new Date(text)) : "");

/** 1 picture, 2 pictures. */
export const count = (amount, noun) => `${whole.format(amount)} ${noun}${amount === 1 ? "" : "s"}`;

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** `hue_rotate` as a label. */
export const sentence = (name) => capital(name.replaceAll("_", " "));
