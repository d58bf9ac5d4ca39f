/**
 * Making and changing the page's elements: `h` makes, `morph` changes what is there into what should be, so that a
 * focused button, an open list and a chosen line stay as they are.
 */

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "rect", "path", "line", "text", "circle"]);
const KEPT = new Set(["open", "data-tapped"]);

/**
 * Make an element; attributes that are null, undefined or false are left out, true is written empty.
 * @param {string} tag
 * @param {Object} attributes
 * @param {...(Node|string|null)} children
 */
export const h = (tag, attributes = {}, ...children) => {
  const element = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((one) => one !== null && one !== undefined && one !== ""));
  return element;
};

/** Copy an icon that the page carries. @param {string} name */
export const icon = (name) => {
  const kept = document.getElementById("live-icons").content.querySelector(`[data-icon="${name}"] svg`);
  return kept.cloneNode(true);
};

/** Return a sentence with its `<strong>` parts as elements. @param {string} text */
export const rich = (text) => text.split(/<\/?strong>/).map((part, index) => (index % 2 ? h("strong", {}, part) : part));

/**
 * Change an element's children into those wanted, keeping every element whose tag is the same.
 * @param {Element} element
 * @param {(Node|string)[]} wanted
 */
export const morph = (element, wanted) => {
  const fresh = wanted.flat().filter((one) => one !== null && one !== "");
  fresh.forEach((node, index) => {
    const want = typeof node === "string" ? document.createTextNode(node) : node;
    const have = element.childNodes[index];
    if (!have) element.append(want);
    else if (have.nodeName !== want.nodeName) have.replaceWith(want);
    else if (have.nodeType === Node.TEXT_NODE) {
      if (have.data !== want.data) have.data = want.data;
    } else become(have, want);
  });
  while (element.childNodes.length > fresh.length) element.lastChild.remove();
};

const become = (have, want) => {
  for (const { name } of [...have.attributes]) if (!want.hasAttribute(name) && !KEPT.has(name)) have.removeAttribute(name);
  for (const { name, value } of want.attributes) if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  morph(have, [...want.childNodes]);
};
