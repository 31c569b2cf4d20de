// Making elements. Everything becomes text nodes and attributes, so nothing that a user or the service says can become markup.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element with attributes, listeners (functions) and children; null children are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

/** One of the symbols in the page. It is never the only name of a thing. */
export function icon(name) {
  const image = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  image.setAttribute("class", "icon");
  image.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#${name}`);
  image.append(use);
  return image;
}

/** A button with an icon and words. */
export const button = (symbol, label, click, attributes = {}) =>
  make("button", { type: "button", click, ...attributes }, symbol && icon(symbol), label);

/** A button with an icon alone; its name is spoken, and shown where the pointer rests. */
export const iconButton = (symbol, name, click, attributes = {}) =>
  make("button", { type: "button", class: "bare", "aria-label": name, title: name, click, ...attributes }, icon(symbol));

/** A link that saves a file; `name` is what it is for those who do not see where it stands. */
export const downloadLink = (href, name, label = "Download") =>
  make("a", { class: "button", href, download: "", "aria-label": name }, icon("download"), label);

/** Has a parent hold these children in this order. One that is in its place stays untouched, and the focus stays with it. */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    if (parent.children[index] === child) return;
    const hadFocus = child.contains(document.activeElement) && document.activeElement;
    parent.insertBefore(child, parent.children[index] ?? null);
    if (hadFocus) hadFocus.focus();
  });
}
