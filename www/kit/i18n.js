// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// Words of the screens, in the language of the person.

const known = ['zh-CN', 'en'];
let texts = {};
let current = 'en';
let plural;
/** Of the texts of refusals, which are many and seldom needed at once. */
let refusals;
/** After so many milliseconds they come by themselves, so that they are there when the line is not. */
const soon = 1500;

/** The language to begin with: what was chosen last, else what the browser prefers. */
export function preferred() {
  const kept = localStorage.getItem('sluice.language');
  if (known.includes(kept)) return kept;
  return navigator.languages?.some((one) => one.toLowerCase().startsWith('zh')) ? 'zh-CN' : 'en';
}

export async function load(language = preferred()) {
  current = known.includes(language) ? language : 'en';
  localStorage.setItem('sluice.language', current);
  const answer = await fetch(`/ui/locales/${current}.json`);
  texts = await answer.json();
  refusals = undefined;
  setTimeout(whole, soon);
  plural = new Intl.PluralRules(current);
  document.documentElement.lang = current;
}

/** Resolves when the texts of refusals are there, too, or cannot be had. */
export function whole() {
  const wanted = current;
  refusals ??= fetch(`/ui/locales/${wanted}.problems.json`).then((answer) => answer.json())
    .then((more) => { if (wanted === current) texts = { ...texts, ...more }; })
    .catch(() => { refusals = undefined; });
  return refusals;
}

export function language() {
  return current;
}

/** The text of `key`, `{name}` replaced by parameters. With `n`, the plural form `key.one` or
 *  `key.other` is taken when there is one. A key without a text shows itself. */
export function t(key, parameters = {}) {
  const form = parameters.n === undefined ? undefined : texts[`${key}.${plural.select(Number(parameters.n))}`];
  const text = form ?? texts[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => parameters[name] ?? whole);
}

/** The names behind `prefix` that there are texts for. */
export function namesBehind(prefix) {
  return Object.keys(texts).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

export function has(key) {
  return key in texts;
}
