// SPDX-License-Identifier: GPL-2.0-or-later
// Elements are made one by one and text goes into text nodes: no text of the capture is ever read
// as HTML.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "onclick") node.addEventListener("click", value);
    else node.setAttribute(name, value === true ? "" : printable(value));
  }
  for (const child of children.flat()) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(printable(child)));
  }
  return node;
}

function el(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function byId(id) {
  return document.getElementById(id);
}

function clear(node) {
  while (node.firstChild) node.firstChild.remove();
  return node;
}

// Facts as a list of terms; those without a value are left out.
function terms(name, facts) {
  const list = el("dl", {class: name});
  for (const [term, value] of facts) {
    if (value === undefined || value === null || value === "" || value === false) continue;
    const pair = el("div", {}, el("dt", {}, term), el("dd", {}, value));
    if (name === "facts") list.append(pair);
    else list.append(...pair.childNodes);
  }
  return list;
}

// -- What is told on hovering -------------------------------------------------------------------

const tip = byId("tip");

function showTip(title, facts, x, y) {
  clear(tip).append(el("b", {}, title), terms("tip-facts", facts));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = Math.min(Math.max(8, x + 14), window.innerWidth - box.width - 8);
  const below = y + 18 + box.height < window.innerHeight;
  tip.style.left = Math.max(8, left) + "px";
  tip.style.top = (below ? y + 18 : Math.max(8, y - box.height - 12)) + "px";
}

function hideTip() {
  tip.hidden = true;
}

// `facts` gives [title, [[term, value], ...]] when they are asked for.
function addTip(node, facts) {
  node.addEventListener("pointermove", event => {
    const [title, list] = facts();
    showTip(title, list, event.clientX, event.clientY);
    event.stopPropagation();
  });
  node.addEventListener("pointerleave", hideTip);
  node.addEventListener("focus", () => {
    if (!node.matches(":focus-visible")) return;
    const box = node.getBoundingClientRect();
    const [title, list] = facts();
    showTip(title, list, box.left + Math.min(box.width / 2, 320), box.bottom - 14);
  });
  node.addEventListener("blur", hideTip);
}

window.addEventListener("scroll", hideTip, {passive: true});
