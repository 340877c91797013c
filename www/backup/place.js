// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The form for a place that keeps backups: a folder, a bucket (S3), a folder on a server (SFTP).

import { post } from '/ui/kit/api.js';
import { open } from '/ui/kit/dialog.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { toast } from '/ui/kit/toast.js';

const kinds = ['folder', 's3', 'sftp'];
const icons = { folder: 'box', s3: 'upload', sftp: 'device' };

/** Opens the form for a new place, or for `target` when there is one; `done` runs after it was kept. */
export function editPlace(target, done) {
  const known = target ? fieldsOf(target) : { kind: 'folder' };
  let kind = known.kind;
  const rest = h('div', { class: 'fields' });
  const result = h('div', { class: 'probe', role: 'status' });
  const show = () => { fill(result); fill(rest, fieldsFor(kind, known, Boolean(target))); };
  const ask = (body) => (target ? post(`/api/v1/backups/targets/${target.id}/access`, body) : post('/api/v1/backups/targets', body));
  const test = () => probe(element, kind, result);
  const element = form({
    fields: [
      target ? null : chooser(kind, (next) => { kind = next; show(); }),
      target ? null : field('name', t('backup.target.name'), { required: true, hint: t('backup.target.name.hint') }),
      rest,
      target ? null : h('div', { class: 'proberow' }, h('button', { type: 'button', onclick: test }, icon('check'), t('backup.test'))),
      result,
    ].filter(Boolean),
    verb: t(target ? 'action.save' : 'action.add'), cancel: () => close(),
    submit: async (values) => {
      // Nobody is let in before somebody has compared the fingerprint.
      if (!target && kind === 'sftp' && !values.hostKey && !await test()) throw { code: 'first', message: t('backup.test.first'), fix: '', errors: [] };
      return ask(body(kind, kind === 'sftp' ? { ...values, hostKey: element.elements.hostKey.value } : values));
    },
    done: async () => { close(); toast(t(target ? 'backup.target.changed' : 'backup.target.added')); await done(); },
  });
  show();
  const close = open(t(target ? 'backup.target.change' : 'backup.target.add'), element, { wide: true });
}

function chooser(kind, choose) {
  return h('fieldset', { class: 'kinds' }, h('legend', {}, t('backup.target.kind')), kinds.map((one) => h('label', { class: 'kind' },
    h('input', { type: 'radio', name: 'kind', value: one, checked: one === kind, onchange: () => choose(one) }),
    icon(icons[one]), h('span', {}, h('strong', {}, t(`backup.kind.${one}`)), h('span', { class: 'hint' }, t(`backup.kind.${one}.hint`))))));
}

function fieldsFor(kind, known, isChange) {
  const plain = (name, key, more = {}) => field(name, t(`backup.${key}`), { value: known[name] ?? '', spellcheck: 'false', ...more });
  const need = { required: true };
  const secret = (hint) => (isChange ? t('backup.secret.keep') : t(hint));
  if (kind === 'folder') return [plain('place', 'target.place', { ...need, hint: t('backup.target.place.hint'), placeholder: '/mnt/backup' })];
  if (kind === 's3') {
    return [
      plain('endpoint', 's3.endpoint', { ...need, hint: t('backup.s3.endpoint.hint'), placeholder: t('backup.s3.endpoint.example'), inputmode: 'url' }),
      h('div', { class: 'pair' }, plain('bucket', 's3.bucket', need), plain('prefix', 's3.prefix', { hint: t('backup.s3.prefix.hint') })),
      plain('region', 's3.region', { ...need, value: known.region ?? 'us-east-1', hint: t('backup.s3.region.hint') }),
      h('div', { class: 'pair' }, plain('accessKey', 's3.accessKey', need),
        field('secretKey', t('backup.s3.secretKey'), { type: 'password', autocomplete: 'new-password', required: !isChange, hint: secret('backup.secret.hint') })),
      field('bucketInHost', t('backup.s3.bucketInHost'), { type: 'checkbox', value: known.bucketInHost === true, hint: t('backup.s3.bucketInHost.hint') }),
    ];
  }
  return sftpFields(plain, known, isChange, secret);
}

function sftpFields(plain, known, isChange, secret) {
  const need = { required: true };
  const way = h('div');
  const ways = { key: () => field('privateKey', t('backup.sftp.privateKey'), { type: 'area', required: !isChange, class: 'code', spellcheck: 'false', autocomplete: 'off', hint: secret('backup.sftp.privateKey.hint') }),
    password: () => field('password', t('backup.sftp.password'), { type: 'password', autocomplete: 'new-password', required: !isChange, hint: secret('backup.secret.hint') }) };
  fill(way, ways.key());
  return [
    h('div', { class: 'pair wide-first' }, plain('host', 'sftp.host', { ...need, hint: t('backup.sftp.host.hint') }), plain('port', 'sftp.port', { ...need, type: 'number', min: 1, max: 65535, value: known.port ?? 22 })),
    h('div', { class: 'pair' }, plain('user', 'sftp.user', { ...need, autocomplete: 'off' }), plain('path', 'sftp.path', { ...need, hint: t('backup.sftp.path.hint'), placeholder: '/backup/sluice' })),
    field('way', t('backup.sftp.way'), { options: [['key', t('backup.sftp.way.key')], ['password', t('backup.sftp.way.password')]], value: 'key', onchange: (event) => fill(way, ways[event.target.value]()) }),
    way,
    isChange ? plain('hostKey', 'sftp.hostKey', { ...need }) : h('input', { type: 'hidden', name: 'hostKey', value: '' }),
  ];
}

/** What the daemon takes: only fields that have something in them. */
function body(kind, values) {
  const sent = { kind };
  for (const [name, value] of Object.entries(values)) {
    if (name === 'kind' || name === 'way' || value === '') continue;
    sent[name] = name === 'port' ? Number(value) : value;
  }
  return sent;
}

/** Tests the connection and says in `result` how it went. Answers whether it works. */
async function probe(element, kind, result) {
  const say = (...words) => { fill(result, words); result.scrollIntoView({ block: 'nearest' }); };
  element.querySelector('.form-error').replaceChildren();
  const values = {};
  for (const one of element.elements) if (one.name && one.type !== 'radio') values[one.name] = one.type === 'checkbox' ? one.checked : one.value;
  say(h('p', { class: 'quiet' }, icon('clock'), t('backup.test.running')));
  try {
    const found = await post('/api/v1/backups/probes', body(kind, values));
    if (found.hostKey) return compare(element, kind, result, found.hostKey);
    say(h('p', { class: 'works' }, icon('check'), t(found.mayDelete ? 'backup.test.works' : 'backup.test.keeps')));
    return true;
  } catch (error) {
    say(h('p', { class: 'fails' }, icon('alert'), h('span', {}, h('strong', {}, error.message), error.fix ? ` ${error.fix}` : '')));
    return false;
  }
}

function compare(element, kind, result, hostKey) {
  fill(result, h('div', { class: 'compare' }, h('strong', {}, t('backup.test.hostKey')), h('code', {}, hostKey), h('p', {}, t('backup.test.hostKey.text')),
    h('button', { type: 'button', onclick: () => { element.elements.hostKey.value = hostKey; probe(element, kind, result); } }, icon('check'), t('backup.test.agree'))));
  result.scrollIntoView({ block: 'nearest' });
  return false;
}

/** The fields of a place that is there; its secrets are not among them. */
function fieldsOf(target) {
  if (target.kind === 'folder') return { kind: 'folder', place: target.place };
  const at = new URL(target.place);
  if (target.kind === 's3') {
    return { kind: 's3', endpoint: at.searchParams.get('endpoint'), bucket: at.hostname, prefix: at.pathname.slice(1), region: at.searchParams.get('region'), bucketInHost: at.searchParams.get('style') === 'host', accessKey: target.accessKey };
  }
  return { kind: 'sftp', host: at.hostname, port: at.port || 22, user: decodeURIComponent(at.username), path: at.pathname, hostKey: target.hostKeys[0] };
}
