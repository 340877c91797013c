// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The frame around every screen: who is signed in, the menu, the scanner, the live stream.

import { menu as access } from '/ui/access/menu.js';
import { roleName } from '/ui/access/rights.js';
import { banner } from '/ui/access/viewing.js';
import { menu as audit } from '/ui/audit/menu.js';
import { menu as backup } from '/ui/backup/menu.js';
import { askWhom, get, remove, put } from '/ui/kit/api.js';
import { menu as catalog } from '/ui/catalog/menu.js';
import { fill, h, icon } from '/ui/kit/html.js';
import * as words from '/ui/kit/i18n.js';
import { menu as inventory } from '/ui/inventory/menu.js';
import * as live from '/ui/kit/live.js';
import { listen } from '/ui/kit/scan.js';
import { menu as scanning } from '/ui/scanning/menu.js';
import { menu as system } from '/ui/system/menu.js';
import { menu as trust } from '/ui/trust/menu.js';
import { failedPanel } from '/ui/kit/toast.js';
import { applyTheme, nextTheme, theme } from '/ui/kit/theme.js';
import { setZone } from '/ui/kit/when.js';

const { t } = words;
const groups = [
  { entries: [{ href: '/ui/', key: 'menu.home', icon: 'home' }, ...scanning] },
  { key: 'menu.group.stock', entries: inventory },
  { key: 'menu.group.goods', entries: catalog },
  { key: 'menu.group.admin', entries: [...access, ...trust, ...audit, ...backup, ...system] },
];
const entries = groups.flatMap((one) => one.entries);

/** What a device knows of itself, in the form of a person's session; null when this browser is none. */
async function deviceSession() {
  const device = await import('/ui/kit/device.js');
  if (!await device.self()) return null;
  const { name, site } = await get('/api/v1/device', { signer: device.signer });
  return { user: { name, role: 'device' }, device: name, permissions: ['scan.make'], language: words.language(), site, standing: 'full', notices: [] };
}

/** The session of whoever sits here; of a device where nobody is signed in and the page allows it. */
async function whoIsHere(forDevices) {
  try {
    return await get('/api/v1/session');
  } catch (error) {
    const device = forDevices && error.status === 401 ? await deviceSession() : null;
    if (!device) throw error;
    return device;
  }
}

/**
 * Builds a screen: `render(main, session)` fills it. `scan` takes scans on this page; without it a
 * scan opens what it means. `forDevices`: an enrolled device needs nobody who is signed in.
 */
export async function page({ title, render, scan, forDevices = false }) {
  applyTheme();
  await words.load();
  const main = h('main', { id: 'main', tabindex: -1 });
  try {
    const session = await whoIsHere(forDevices);
    if (session.standing !== 'full') return location.assign(`/ui/sign-in.html?back=${encodeURIComponent(location.pathname + location.search)}`);
    if (session.language !== words.language()) await words.load(session.language);
    setZone(session.site.timeZone);
    askWhom(session.helpers ?? []);
    document.title = `${t(title)} · Sluice`;
    // Before the frame: whoever sees the page may scan.
    listen(scan ?? (async (code) => (await import('/ui/scanning/anywhere.js')).scanned(code)));
    frame(main, session, title);
    (await import('/ui/kit/palette.js')).install(entries.filter((one) => allowed(one, session)));
    if (!session.device) live.start();
    if (session.notices.length) (await import('/ui/access/notices.js')).show(main, session);
    await render(main, session);
  } catch (error) {
    if (error.status === 401) return location.assign(`/ui/sign-in.html?back=${encodeURIComponent(location.pathname + location.search)}`);
    if (!main.isConnected) document.body.append(main);
    failedPanel(main, error, () => location.reload());
    if (!error.code) throw error;
  }
  return undefined;
}

function allowed(entry, session) {
  // A device has a right, and nobody who could look at anything.
  if (session.device) return session.permissions.includes(entry.need);
  return !entry.need || session.permissions.includes(entry.need);
}

function frame(main, session, title) {
  const here = location.pathname.replace(/index\.html$/, '');
  const links = (list) => list.map((one) => h('a', { href: one.href, 'aria-current': one.href === here ? 'page' : null }, icon(one.icon), h('span', {}, t(one.key))));
  const nav = h('nav', { id: 'menu', 'aria-label': t('menu.label') }, groups.map((one) => {
    const shown = one.entries.filter((entry) => allowed(entry, session));
    if (!shown.length) return null;
    return h('div', { class: 'group', role: one.key ? 'group' : null, 'aria-label': one.key ? t(one.key) : null },
      one.key ? h('p', { 'aria-hidden': 'true' }, t(one.key)) : null, links(shown));
  }));
  const toggle = h('button', { type: 'button', class: 'plain square menu-toggle', 'aria-expanded': 'false', 'aria-controls': 'menu', 'aria-label': t('menu.label'),
    onclick: () => { const open = document.body.classList.toggle('menu-open'); toggle.setAttribute('aria-expanded', String(open)); } }, icon('menu'));
  const chip = session.device ? null : h('span', { class: 'livechip', role: 'status' });
  if (chip) live.onState((state) => { chip.className = `livechip ${state}`; fill(chip, state === 'waiting' ? null : [h('span', { class: 'dot', 'aria-hidden': 'true' }), h('span', { class: 'word' }, t(`live.${state}`))]); });
  fill(document.body,
    h('a', { class: 'skip', href: '#main' }, t('action.skip')),
    session.viewing ? banner(session.viewing) : session.site.practice ? h('div', { class: 'practice', role: 'note' }, icon('flag'), t('practice.banner')) : null,
    h('header', { class: 'top' }, toggle,
      h('a', { class: 'brand', href: '/ui/' }, h('span', { class: 'mark', 'aria-hidden': 'true' }), 'Sluice', h('span', { class: 'site' }, session.site.name)),
      h('span', { class: 'grow' }), chip,
      h('button', { type: 'button', class: 'plain palette-button', id: 'palette-button', 'aria-label': t('palette.open') }, icon('search'), h('span', {}, t('palette.open')), h('kbd', {}, 'Ctrl K')),
      themeButton(), languageButton(session), helpLink(), person(session)),
    nav, main, h('div', { class: 'scrim', onclick: () => toggle.click() }));
  document.body.classList.toggle('practising', session.site.practice);
  main.append(h('h1', {}, t(title)));
}

function themeButton() {
  const label = () => t(`theme.${theme()}`);
  const button = h('button', { type: 'button', class: 'plain square', 'aria-label': label(), title: label(),
    onclick: () => { nextTheme(); button.setAttribute('aria-label', label()); button.title = label(); fill(button, icon(`theme-${theme()}`)); } }, icon(`theme-${theme()}`));
  return button;
}

function languageButton(session) {
  const other = session.language === 'en' ? 'zh-CN' : 'en';
  return h('button', { type: 'button', class: 'plain square', lang: other, 'aria-label': other === 'en' ? 'Switch to English' : '切换到中文',
    onclick: async () => { if (session.device) await words.load(other); else await put('/api/v1/session/language', { language: other }); location.reload(); } }, other === 'en' ? 'EN' : '中');
}

function helpLink() {
  const topic = location.pathname.replace('/ui/', '').replace(/\.html$/, '') || 'index';
  return h('a', { class: 'button plain square', href: `/ui/help/?page=${encodeURIComponent(topic)}`, 'aria-label': t('menu.help'), title: t('menu.help') }, icon('help'));
}

function person(session) {
  if (session.device) return h('span', { class: 'tag devicetag' }, icon('device'), session.device);
  return h('details', { class: 'person' },
    h('summary', { 'aria-label': session.user.name }, icon('person'), h('span', {}, session.user.name)),
    h('div', { class: 'popup' },
      h('p', { class: 'quiet' }, session.roles.map(roleName).join(', ')),
      h('a', { href: '/ui/access/profile.html' }, t('menu.profile')),
      h('button', { type: 'button', class: 'plain', onclick: leave }, t('action.signOut'))));
}

/** Ends the session. Nothing of it stays on the screen, also while the box cannot be reached. */
async function leave() {
  const place = h('main', { id: 'main', tabindex: -1 });
  document.title = 'Sluice';
  fill(document.body, place);
  try {
    await remove('/api/v1/session');
  } catch (error) {
    if (error.status !== 401) return failedPanel(place, error, leave);
  }
  return location.assign('/ui/sign-in.html');
}

// A page that the browser kept may be one of a session that has ended.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
