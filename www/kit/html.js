// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Builds the page from nodes, never from markup: text stays text, whatever it holds.

const SVG = 'http://www.w3.org/2000/svg';
const svgTags = new Set(['svg', 'use', 'path', 'rect', 'line', 'g', 'text', 'title', 'defs', 'pattern']);

/** Makes an element. `props` are properties, `on…` listeners, or attributes; children are nodes,
 *  texts, lists of them, or nothing. */
export function h(tag, props = {}, ...children) {
  const isSvg = svgTags.has(tag) && tag !== 'title';
  const element = isSvg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2).toLowerCase(), value);
    else if (name === 'class') element.setAttribute('class', value);
    else if (name === 'value') element.value = value;
    else if (name === 'checked') element.checked = true;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  add(element, children);
  return element;
}

function add(parent, child) {
  if (child === undefined || child === null || child === false) return;
  if (Array.isArray(child)) child.forEach((one) => add(parent, one));
  else parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
}

/** Replaces everything inside `parent`. */
export function fill(parent, ...children) {
  parent.replaceChildren();
  add(parent, children);
  return parent;
}

/** An icon of the sprite; decoration only, so screen readers pass over it. */
export function icon(name) {
  return h('svg', { class: 'icon', 'aria-hidden': 'true', focusable: 'false' },
    h('use', { href: `/ui/kit/icons.svg#${name}` }));
}
