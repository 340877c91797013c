// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

import { get } from '/ui/kit/api.js';
import { self, signer } from '/ui/kit/device.js';
import { open } from '/ui/kit/dialog.js';
import { field } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { amount, typed } from '/ui/kit/quantity.js';
import { Outbox } from '/ui/kit/queue.js';
import { shortcut } from '/ui/kit/scan.js';
import { page } from '/ui/kit/shell.js';
import * as sound from '/ui/kit/sound.js';
import { toast } from '/ui/kit/toast.js';
import { clock } from '/ui/kit/when.js';

/** Scans on the list beside: what a person can still take back by looking. */
const lastMax = 20;
const tasks = ['receive', 'ship', 'move', 'look'];
const signs = { ok: '✓', stop: '✗', attention: '!' };
const commands = { RECEIVE: 'receive', SHIP: 'ship', MOVE: 'move', LOOKUP: 'look' };

const state = { task: 'receive', times: 1, last: [] };
let parts;
let outbox;
let begin;
/** Scans that come while the page is still being built wait for it. */
const ready = new Promise((resolve) => { begin = resolve; });

page({ title: 'scan.title', scan: scanned, render: draw, forDevices: true });

async function draw(main, session) {
  const kept = JSON.parse(localStorage.getItem('sluice.scan') ?? '{}');
  state.task = tasks.includes(kept.task) ? kept.task : 'receive';
  parts = {
    result: h('section', { class: 'result', role: 'status', 'aria-live': 'assertive', 'aria-atomic': 'true' }),
    last: h('ul', { class: 'last' }), chip: h('button', { type: 'button', class: 'queuechip', onclick: showQueue }),
    place: field('place', t('scan.place'), { value: kept.place ?? '', list: 'bins', autocapitalize: 'characters', spellcheck: 'false' }),
    toPlace: field('toPlace', t('scan.toPlace'), { value: kept.toPlace ?? '', list: 'bins', autocapitalize: 'characters', spellcheck: 'false' }),
    times: field('times', t('scan.times'), { value: '1', inputmode: 'decimal' }),
    fields: h('div', { class: 'scan-fields' }), tasks: h('fieldset', { class: 'tasks' }),
    lot: h('div', { class: 'pair' }, field('lot', t('movement.lot')), field('expiry', t('movement.expiry'), { type: 'date' }), field('serial', t('movement.serial'))),
  };
  const code = h('input', { id: 'code', name: 'code', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', enterkeyhint: 'go' });
  const manual = h('form', { class: 'scan-code' }, h('div', { class: 'field' }, h('label', { for: 'code' }, t('scan.code')), code), h('button', { type: 'submit', class: 'primary' }, t('scan.go')));
  manual.addEventListener('submit', (event) => { event.preventDefault(); sound.unlock(); if (code.value.trim()) scanned(code.value.trim()); code.value = ''; });
  document.addEventListener('pointerdown', sound.unlock, { once: true });
  document.addEventListener('keydown', sound.unlock, { once: true });
  const bins = h('datalist', { id: 'bins' });
  const device = await self();
  if (device) main.append(h('p', { class: 'quiet signing' }, icon('key'), t('scan.signing', { name: device.name })));
  main.append(h('div', { class: 'scan' },
    h('section', { class: 'stack' }, parts.tasks, parts.fields, manual,
      h('details', { class: 'alt' }, h('summary', {}, t('scan.more')), parts.lot),
      h('div', { class: 'scan-actions' },
        h('button', { type: 'button', onclick: undo }, icon('undo'), t('scan.undo'), h('kbd', {}, 'Z')), parts.chip,
        h('button', { type: 'button', class: 'plain', onclick: () => { sound.unlock(); ['ok', 'attention', 'stop'].forEach((one, index) => setTimeout(() => sound.play(one), index * 700)); } }, t('scan.soundTest')),
        h('button', { type: 'button', class: 'plain', onclick: showCommands }, t('scan.commands')))),
    h('section', { class: 'stack' }, parts.result, h('div', { class: 'panel' }, h('h2', {}, t('scan.last')), parts.last))), bins);
  drawTasks();
  drawLast();
  // Named already, but not yet "all sent": that is known once the outbox is open.
  fill(parts.chip, t('queue.title'));
  show({ beep: '', big: '–', name: t('scan.ready'), where: t('scan.ready.fix') });
  shortcut('z', undo);
  outbox = new Outbox({ heard, changed: drawChip, signer: device ? signer : undefined });
  await outbox.open();
  begin();
  if (!session.device) get('/api/v1/places?kind=bin&limit=200').then((all) => fill(bins, all.items.map((one) => h('option', { value: one.code })))).catch(() => {});
  const command = new URLSearchParams(location.search).get('command');
  if (command) carryOut(command);
}

function drawTasks() {
  fill(parts.tasks, h('legend', { class: 'quiet' }, t('scan.task')), tasks.map((one) => h('label', {},
    h('input', { type: 'radio', name: 'task', value: one, checked: one === state.task, onchange: () => setTask(one) }), t(`task.${one}`))));
  fill(parts.fields, state.task === 'look' ? null : parts.place, state.task === 'move' ? parts.toPlace : null, parts.times);
  parts.fields.classList.toggle('one', state.task !== 'move');
}

function setTask(task) {
  state.task = task;
  keep();
  drawTasks();
}

const value = (part, name) => part.querySelector(`[name=${name}]`).value.trim();

function keep() {
  localStorage.setItem('sluice.scan', JSON.stringify({ task: state.task, place: value(parts.place, 'place'), toPlace: value(parts.toPlace, 'toPlace') }));
}

/** Takes a code from the scanner or the field: a command and a bin act here, all else is sent. */
async function scanned(code) {
  await ready;
  sound.unlock();
  const own = /^%(P|C)(.+)$/i.exec(code.normalize('NFKC'));
  if (own && own[1].toUpperCase() === 'C') return carryOut(own[2].toUpperCase());
  if (own) return setPlace(own[2]);
  const times = typed(value(parts.times, 'times')) || '1';
  parts.times.querySelector('input').value = '1';
  keep();
  await outbox.add({
    task: state.task, code, place: state.task === 'look' ? null : value(parts.place, 'place') || null, toPlace: state.task === 'move' ? value(parts.toPlace, 'toPlace') || null : null,
    count: times === '1' ? null : times, lot: value(parts.lot, 'lot') || null, expiry: value(parts.lot, 'expiry') || null, serial: value(parts.lot, 'serial') || null,
  });
  parts.lot.querySelector('[name=serial]').value = '';
  return undefined;
}

/** A bin's label fills the field that is still open: the first, then, for a move, the second. */
function setPlace(code) {
  const second = state.task === 'move' && value(parts.place, 'place') && !value(parts.toPlace, 'toPlace');
  (second ? parts.toPlace : parts.place).querySelector('input').value = code;
  if (state.task === 'move' && !second) parts.toPlace.querySelector('input').value = '';
  keep();
  sound.play('ok');
  show({ beep: 'ok', big: code, name: t(second ? 'scan.toPlace' : 'scan.place'), where: '', small: true });
}

function carryOut(verb) {
  const times = /^X(\d+)$/.exec(verb);
  if (times) {
    parts.times.querySelector('input').value = times[1];
    show({ beep: 'ok', big: `×${times[1]}`, name: t('scan.times'), where: '' });
  } else if (verb === 'UNDO') return undo();
  else if (commands[verb]) {
    setTask(commands[verb]);
    show({ beep: 'ok', big: t(`task.${commands[verb]}`), name: t('scan.task'), where: '', small: true });
  } else return show({ beep: 'attention', big: verb, name: t('scan.commandUnknown'), where: '', small: true });
  return sound.play('ok');
}

/** Takes the last scan back. It queues like any other, so it meets the scan it belongs to. */
async function undo() {
  await ready;
  return outbox.add({ task: 'undo' });
}

function heard(entry, answer, problem) {
  if (problem) {
    sound.play('stop');
    show({ beep: 'stop', big: t('scan.refused'), name: problem.message, where: problem.fix, small: true });
    return remember({ entry, beep: 'stop', text: problem.message, what: t('scan.refused') });
  }
  sound.play(answer.beep);
  if (answer.outcome === 'ambiguous') return choose(entry, answer);
  if (answer.outcome === 'parked') {
    show({ beep: 'attention', big: t('scan.parked'), name: entry.payload.code, where: t('scan.parked.fix'), small: true });
    return remember({ entry, beep: 'attention', text: entry.payload.code, what: t('scan.parked') });
  }
  if (answer.outcome === 'unknown') return show({ beep: 'stop', big: t('scan.unknown.short'), name: entry.payload.code, where: t('scan.unknown.fix'), small: true });
  if (answer.outcome === 'found') return showFound(entry, answer);
  if (answer.outcome === 'undone') {
    const gone = state.last.find((one) => one.movement && !one.gone);
    if (gone) gone.gone = true;
    show({ beep: 'attention', big: t('scan.undone'), name: `${answer.item.name} ${amount(answer.quantity)} ${answer.unit}`, where: '', small: true });
    return drawLast();
  }
  const packaging = answer.packaging.level === 'base' ? '' : `1 ${answer.packaging.name} = ${answer.packaging.content.num}${answer.packaging.content.den === '1' ? '' : `/${answer.packaging.content.den}`} ${answer.unit}`;
  show({ beep: answer.beep, big: amount(answer.quantity), name: answer.item.name, where: `${t(`task.${answer.task}`)} · ${answer.place} · ${t('scan.balance')} ${amount(answer.balance)} ${answer.unit}${packaging ? ` · ${packaging}` : ''}` });
  return remember({ entry, beep: answer.beep, text: answer.item.name, what: `${t(`task.${answer.task}`)} ${amount(answer.quantity)} ${answer.unit}`, movement: answer.movement });
}

function showFound(entry, answer) {
  const places = answer.balances.map((one) => `${one.place.code} ${amount(one.quantity)} ${one.unit}${answer.item ? '' : ` ${one.item.name}`}`);
  show({ beep: 'ok', big: answer.item?.name ?? answer.place, name: answer.item?.code ?? '', where: places.join(' · ') || t('scan.nowhere'), small: true });
  remember({ entry, beep: 'ok', text: answer.item?.name ?? answer.place, what: t('task.look') });
}

/** The code means several things: the person says which, and the choice goes as a scan of its own. */
function choose(entry, answer) {
  show({ beep: 'attention', big: '?', name: entry.payload.code, where: t('scan.choose') });
  const close = open(t('scan.ambiguous', { code: entry.payload.code }), h('ul', { class: 'choices' }, answer.candidates.map((one) => h('li', {},
    h('button', { type: 'button', onclick: () => { close(); const { event, at, ...payload } = entry.payload; outbox.add({ ...payload, packaging: one.packaging }); } },
      h('span', {}, h('strong', {}, one.item.name), h('span', { class: 'sub' }, ` ${one.name} · ${one.content.num}`)))))));
}

function show({ beep, big, name, where, small = false }) {
  parts.result.className = `result ${beep}`;
  fill(parts.result, beep ? h('span', { class: 'sign' }, signs[beep]) : null, h('span', { class: `big${small || String(big).length > 4 ? ' small' : ''}` }, big), h('span', { class: 'name' }, name), h('span', { class: 'where' }, where));
}

function remember(line) {
  state.last.unshift(line);
  state.last.length = Math.min(state.last.length, lastMax);
  drawLast();
}

function drawLast() {
  fill(parts.last, state.last.length ? state.last.map((one) => h('li', { class: one.gone ? 'gone' : '' },
    h('span', { class: `tag ${one.beep === 'ok' ? 'good' : one.beep === 'stop' ? 'bad' : 'warn'}` }, signs[one.beep]), h('span', { class: 'grow' }, one.text), h('span', { class: 'what' }, one.what), h('span', { class: 'quiet' }, clock(one.entry.payload.at))))
    : h('li', { class: 'quiet' }, t('scan.last.none')));
}

function drawChip({ waiting, refused, reachable, behind, barred }) {
  showBehind(behind);
  showBarred(barred);
  const [name, sign, text] = behind || barred ? ['refused', '⚠', t('queue.waiting', { n: waiting })] : refused ? ['refused', '⚠', t('queue.refused', { n: refused })] : !reachable ? ['off', '○', t('queue.off', { n: waiting })] : waiting ? ['waiting', '◐', t('queue.waiting', { n: waiting })] : ['clear', '●', t('queue.clear')];
  parts.chip.className = `queuechip ${name}`;
  parts.chip.dataset.waiting = waiting;
  fill(parts.chip, h('span', { 'aria-hidden': 'true' }, sign), text);
}

/** The books are older than what this device was told: says so once, until it is over. */
function showBehind(problem) {
  if (Boolean(problem) === Boolean(state.behind)) return;
  state.behind = problem;
  if (!problem) return show({ beep: '', big: '–', name: t('scan.ready'), where: t('scan.ready.fix') });
  sound.play('stop');
  show({ beep: 'stop', big: t('scan.refused'), name: problem.message, where: problem.fix, small: true });
  parts.result.append(h('button', { type: 'button', onclick: () => outbox.goOn() }, t('queue.goOn')));
}

/** This device is refused: says so once, until a scan gets through again. */
function showBarred(problem) {
  if (problem?.code === state.barred) return;
  state.barred = problem?.code;
  if (!problem) return;
  sound.play('stop');
  show({ beep: 'stop', big: t('scan.refused'), name: problem.message, where: problem.fix, small: true });
}

async function showQueue() {
  const [waiting, refused] = await Promise.all([outbox.waiting(), outbox.refused()]);
  const close = open(t('queue.title'), [
    h('p', { class: 'quiet' }, t('queue.intro', { n: waiting.length })),
    refused.length ? h('ul', { class: 'last' }, refused.map((one) => h('li', {}, h('span', { class: 'grow' }, h('strong', {}, one.payload.code ?? t('task.undo')), h('span', { class: 'sub' }, ` ${one.message} ${one.fix ?? ''}`)),
      h('button', { type: 'button', onclick: async () => { const { event, at, ...payload } = one.payload; await outbox.drop(one.seq); await outbox.add(payload); close(); } }, t('action.retry')),
      h('button', { type: 'button', class: 'plain', onclick: async () => { await outbox.drop(one.seq); close(); toast(t('queue.dropped')); } }, t('queue.drop'))))) : h('p', {}, t('queue.none')),
  ]);
}

function showCommands() {
  open(t('scan.commands'), [h('p', { class: 'quiet' }, t('scan.commands.text')), h('dl', { class: 'facts' },
    [['%CRECEIVE', 'task.receive'], ['%CSHIP', 'task.ship'], ['%CMOVE', 'task.move'], ['%CLOOKUP', 'task.look'], ['%CUNDO', 'scan.undo'], ['%CX12', 'scan.times'], ['%PA-01', 'scan.place']]
      .flatMap(([code, key]) => [h('dt', {}, h('code', {}, code)), h('dd', {}, t(key))]))]);
}
