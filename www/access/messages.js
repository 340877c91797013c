// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Sluice authors

// The gateway through which codes go to telephones: whether they do, how it is reached, and a try.

import { get, post, put } from '/ui/kit/api.js';
import { field, form } from '/ui/kit/form.js';
import { fill, h, icon } from '/ui/kit/html.js';
import { t } from '/ui/kit/i18n.js';
import { page } from '/ui/kit/shell.js';
import { failedPanel, toast } from '/ui/kit/toast.js';
import { plainNumber } from '/ui/access/phone.js';

/** What most gateways take; whoever has another one changes it. */
const usual = { json: '{"to":"{to}","text":"{text}"}', form: 'to={to}&text={text}' };
/** These stand in texts as they are. */
const marks = { to: '{to}', text: '{text}', secret: '{secret}' };

page({
  title: 'messages.title',
  render: async (main) => {
    const place = h('div', { class: 'stack' });
    main.append(place);
    await draw(place);
  },
});

async function draw(place) {
  try {
    const now = await get('/api/v1/sms-gateway');
    const sent = h('dd', {}, counted(now));
    const state = now.on ? ['good', 'messages.on'] : ['', now.set ? 'messages.off' : 'messages.unset'];
    fill(place,
      h('p', { class: 'quiet' }, t('messages.intro')),
      h('div', { class: 'cols' },
        h('section', { class: 'panel stack' },
          h('div', { class: 'row' }, h('h2', { class: 'grow' }, t('messages.gateway')), h('span', { class: `tag ${state[0]}` }, t(state[1]))),
          settings(now, () => draw(place))),
        h('div', { class: 'stack' }, trial(now, sent), limits(sent))));
  } catch (error) { failedPanel(place, error, () => draw(place)); }
}

function settings(now, changed) {
  const note = h('p', { class: 'hint' }, t('messages.template.hint', marks));
  const element = form({
    fields: [
      field('on', t('messages.switch'), { type: 'checkbox', value: now.on, hint: t('messages.switch.hint') }),
      field('address', t('messages.address'), { value: now.address, required: true, inputmode: 'url', spellcheck: 'false', hint: t('messages.address.hint') }),
      field('media', t('messages.media'), { options: [['json', t('messages.media.json')], ['form', t('messages.media.form')]], value: now.media, onchange: (event) => swap(element, event.target.value) }),
      h('div', { class: 'stack' }, field('template', t('messages.template'), { type: 'area', value: now.template, required: true, class: 'code', spellcheck: 'false' }), note),
      h('div', { class: 'pair' },
        field('header', t('messages.header'), { value: now.header ?? '', spellcheck: 'false', hint: t('messages.header.hint') }),
        field('secret', t('messages.secret'), { type: 'password', autocomplete: 'new-password', hint: t(now.hasSecret ? 'messages.secret.keep' : 'messages.secret.hint') })),
      field('seconds', t('messages.seconds'), { type: 'number', min: 1, max: 15, value: now.seconds, required: true, hint: t('messages.seconds.hint') }),
    ],
    verb: t('action.save'),
    submit: (values) => put('/api/v1/sms-gateway', { ...values, header: values.header || null, secret: values.secret || null, seconds: Number(values.seconds) }),
    done: () => { toast(t('done.saved')); changed(); },
  });
  return element;
}

/** A template that nobody has touched follows what the gateway takes. */
function swap(element, media) {
  const box = element.elements.template;
  const other = media === 'json' ? 'form' : 'json';
  if (box.value.trim() === usual[other] || !box.value.trim()) box.value = usual[media];
}

/** Sends a message through everything that a code would go through, and says how it went. */
function trial(now, sent) {
  const result = h('div', { role: 'status' });
  const say = (...words) => fill(result, words);
  const panel = (...parts) => h('section', { class: 'panel stack' }, h('h2', {}, t('messages.test')), parts);
  if (!now.set) return panel(h('p', { class: 'quiet' }, t('messages.test.first')));
  return panel(h('p', { class: 'quiet' }, t('messages.test.text')), form({
    fields: [field('number', t('sms.number'), { type: 'tel', required: true, autocomplete: 'tel', inputmode: 'tel', hint: t('sms.number.hint') })],
    verb: t('messages.test.send'),
    submit: async ({ number }) => {
      say(h('p', { class: 'signing quiet' }, icon('clock'), t('messages.test.running')));
      try {
        await post('/api/v1/sms-gateway/tests', { number: plainNumber(number) });
        say(h('p', { class: 'notice good' }, icon('check'), h('span', {}, t('messages.test.works'))));
      } catch (error) {
        say();
        if (error.errors?.length || !error.code) throw error;
        say(h('p', { class: 'notice' }, icon('alert'), h('span', {}, h('strong', {}, error.message), error.fix ? ` ${error.fix}` : '')));
      } finally {
        get('/api/v1/sms-gateway').then((later) => fill(sent, counted(later)), () => null);
      }
    },
  }), result);
}

const counted = (now) => t('messages.counted', { sent: now.sentLastHour, most: now.mostAnHour });

function limits(sent) {
  return h('section', { class: 'panel stack' }, h('h2', {}, t('messages.limits')),
    h('dl', { class: 'facts' }, h('div', {}, h('dt', {}, t('messages.sent')), sent)),
    h('p', { class: 'hint' }, t('messages.limits.text')));
}
