// Changes what an element shows only where it is another thing: what stays is neither painted nor spoken anew.

/** Makes this the element's text. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Gives attributes these values; those that are null or false go. */
export function mark(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) element.removeAttribute(name);
    else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
  }
}

/** Replaces an element's children where `facts`, of which they are made, have changed. */
export function remake(element, facts, children) {
  if (!isNew(element, facts)) return;
  keepingFocus(element, () => {
    element.replaceChildren(...[children()].flat().filter((child) => child != null && child !== false));
  });
}

/** The same for elements that are all made anew: those that came out as they were stay, and a click on them is not lost. */
export function renew(parent, facts, children) {
  if (!isNew(parent, facts)) return;
  const fresh = children();
  keepingFocus(parent, () => {
    fresh.forEach((child, index) => {
      const old = parent.children[index];
      if (!old) parent.append(child);
      else if (!old.isEqualNode(child)) old.replaceWith(child);
    });
  });
}

function isNew(element, facts) {
  const text = JSON.stringify(facts);
  if (element.made === text) return false;
  element.made = text;
  return true;
}

function keepingFocus(element, change) {
  const focused = element.contains(document.activeElement) && document.activeElement;
  change();
  if (!focused || focused.isConnected) return;
  // What had the focus is likely to be there again under the same name.
  const ways = [...element.querySelectorAll("a, button")];
  const name = nameOf(focused);
  (ways.find((way) => nameOf(way) === name) ?? ways[0] ?? document.querySelector("main h2"))?.focus();
}

const nameOf = (element) => element.getAttribute("aria-label") ?? element.textContent;
