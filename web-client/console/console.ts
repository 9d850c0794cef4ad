import type { ShowMessage } from '../../src/server/protocol/index.ts';
import type { Control } from '../../streams/program/index.ts';
import { ask, askGallery } from '../shared/api.ts';
import type { GalleryEntry } from '../shared/api.ts';
import { thumbnailUrl } from '../shared/addresses.ts';
import { Connection } from '../shared/connection.ts';
import type { Reply } from '../shared/connection.ts';
import { find, make } from '../shared/element.ts';
import { controlToken, forgetToken, keepToken } from '../shared/token.ts';
import { HELP, keyName } from './controls.ts';
import { ExpectedStatus } from './expected-status.ts';
import type { Answer } from './expected-status.ts';
import { GalleryBrowser } from './gallery.ts';
import { Hand } from './hand.ts';
import { Meter } from './meter.ts';
import { Plane } from './plane.ts';
import { why } from './why.ts';

/* The console: what the show hears and does, and the operator's hand on it. */

const STATUS_EVERY_MS = 700;
const GALLERY_EVERY_MS = 15_000;
const NOTICE_MS = 6000;

let message: ShowMessage | null = null;
let pictures = new Map<string, GalleryEntry>();
/** Not before the server said so. */
let mayControl = false;
let isTokenRefused = false;
let refs = 0;
const expected = new ExpectedStatus();

const plane = new Plane(find('#plane') as HTMLCanvasElement, (id) => {
  send({ control: 'pin', image: id });
});
const meter = new Meter(find('#meter') as HTMLCanvasElement);
const hand = new Hand(find('#hand'), {
  send,
  onChoosingSource() {
    refreshDevices().catch((error: unknown) => {
      notice(error instanceof Error ? error.message : String(error));
    });
  },
});
const browser = new GalleryBrowser(find('#gallery'), send);

function hello(): Record<string, unknown> {
  const token = controlToken();
  return { name: 'console', ...(token !== null && { token }) };
}

const connection = new Connection(hello, { onShow, onLink, onReply, onTokenRefused });

function send(control: Control): void {
  const ref = ++refs;
  if (!connection.send({ type: 'control', control, ref })) {
    notice('not connected: nothing was sent');
    return;
  }
  expected.send(ref, control);
  showHand();
}

function showHand(): void {
  const { status } = expected;
  if (status !== null) hand.show({ status, onShow: message?.show.image?.id ?? null });
}

function onShow(now: ShowMessage): void {
  const changed = message?.show.image?.id !== now.show.image?.id;
  const isNews = changed || message?.show.state !== now.show.state;
  message = now;
  expected.hear(now);
  if (isNews) showHand();
  plane.show(now);
  meter.show(now);
  const badge = find('#state');
  badge.textContent = now.show.state;
  badge.dataset['state'] = now.show.state;
  if (changed) showPicture(now);
  showCaption(now);
}

function showPicture({ show: { image } }: ShowMessage): void {
  const place = find('#on-show');
  if (image === null) {
    place.replaceChildren(make('p', {}, 'There is no picture that may be shown.'));
    return;
  }
  const picture = make('img', { src: image.url, alt: pictures.get(image.id)?.file ?? image.id });
  place.append(picture);
  picture.decode().then(
    () => {
      while (picture.previousSibling !== null) picture.previousSibling.remove();
    },
    () => {
      picture.remove();
    },
  );
}

function showCaption({ show, time, mood }: ShowMessage): void {
  const picture = show.image === null ? undefined : pictures.get(show.image.id);
  find('#caption').textContent =
    picture === undefined
      ? ''
      : `${picture.file} · valence ${picture.valence.toFixed(2)}, arousal ${picture.arousal.toFixed(2)} · ` +
        `on show for ${Math.max(0, time - show.since).toFixed(0)} s · music ${mood.valence.toFixed(2)}, ${mood.arousal.toFixed(2)}`;
}

function showNext({ upcoming, settings }: Answer['status']): void {
  const place = find('#next');
  const key = upcoming.join();
  if (place.dataset['key'] !== key) {
    place.dataset['key'] = key;
    place.replaceChildren(
      ...upcoming.map((id) => {
        const button = make(
          'button',
          { title: `pin ${pictures.get(id)?.file ?? id}` },
          make('img', { src: thumbnailUrl(id), alt: '' }),
          make('span'),
        );
        button.addEventListener('click', () => {
          send({ control: 'pin', image: id });
        });
        return button;
      }),
    );
  }
  const now = message;
  if (now === null) return;
  [...place.querySelectorAll('span')].forEach((label, i) => {
    const id = upcoming[i]!;
    label.textContent = why(id, now, settings.moodOffset, pictures.get(id));
  });
}

function onLink(link: 'connecting' | 'connected' | 'lost'): void {
  document.body.dataset['link'] = link;
  if (link === 'lost') {
    expected.lose();
    find('#state').textContent = 'connection lost';
  }
  if (link === 'connected') {
    void refreshGallery();
    void refreshStatus();
  }
}

function onReply({ ok, ref, control, error }: Reply): void {
  if (ok && ref === 'hello') {
    mayControl = control !== false;
    if (mayControl) {
      isTokenRefused = false;
      find('#notice').hidden = true;
      refreshDevices().catch(() => undefined);
    }
    document.body.classList.toggle('read-only', !mayControl);
    if (!mayControl)
      notice(
        `${isTokenRefused ? 'The token is wrong: this' : 'This'} page may only look: open the address with #token=… that the program printed.`,
        true,
      );
  }
  if (!ok) notice(error?.message ?? 'refused');
  if (typeof ref === 'number') {
    expected.reply(ref, ok);
    void refreshStatus();
  }
}

function onTokenRefused(): void {
  mayControl = false;
  isTokenRefused = true;
}

let noticeTimer = 0;

function notice(text: string, stays = false): void {
  const place = find('#notice');
  place.textContent = text;
  place.hidden = false;
  clearTimeout(noticeTimer);
  if (!stays) {
    noticeTimer = window.setTimeout(() => {
      place.hidden = true;
    }, NOTICE_MS);
  }
}

async function refreshStatus(): Promise<void> {
  const request = expected.request();
  try {
    const answer = await ask<Answer>('/api/state');
    expected.answer(request, answer);
    showHand();
    const { status } = answer;
    showNext(status);
    // Who else is connected is for those who may control.
    const others = mayControl ? await ask<{ clients: unknown[] }>('/api/clients') : null;
    find('#source').textContent = `${status.source.name} · ${status.source.state}`;
    find('#source').title = status.source.message;
    const { clips, gaps, model } = status;
    const facts = [
      `${message === null ? '–' : message.latency.total.toFixed(0)} ms latency`,
      `${clips.dropped + clips.lost} of ${clips.total} clips dropped`,
      ...(gaps > 0 ? [`${gaps} gaps`] : []),
      ...(others === null ? [] : [`${others.clients.length} clients`]),
      `model ${model.folder.split('/').filter(Boolean).at(-1) ?? ''} on ${model.engine}`,
    ].join(' · ');
    find('#facts').textContent = facts;
    find('#facts').title = facts;
  } catch (error) {
    find('#facts').textContent = error instanceof Error ? error.message : String(error);
  }
}

async function refreshGallery(): Promise<void> {
  const found = new Map<string, GalleryEntry>();
  await askGallery((page) => {
    for (const picture of page) found.set(picture.id, picture);
  });
  const same =
    found.size === pictures.size &&
    [...found.values()].every(({ id, banned, valence, arousal }) => {
      const known = pictures.get(id);
      return known?.banned === banned && known.valence === valence && known.arousal === arousal;
    });
  if (same) return;
  pictures = found;
  const list = [...found.values()];
  plane.pictures = list;
  browser.pictures = list;
}

let isAskingDevices = false;

/** Each time that a source is about to be chosen: devices are plugged in during a show. */
async function refreshDevices(): Promise<void> {
  // A click is a focus too.
  if (isAskingDevices) return;
  isAskingDevices = true;
  try {
    const { devices } = await ask<{ devices: { name: string }[] }>('/api/devices');
    hand.devices = devices.map(({ name }) => name);
  } finally {
    isAskingDevices = false;
  }
}

function fillHelp(): void {
  const dialog = find('#help') as HTMLDialogElement;
  const rows = HELP.map(({ keys, meaning }) =>
    make(
      'tr',
      {},
      make('td', {}, ...keys.map((key) => make('kbd', {}, keyName(key)))),
      make('td', {}, meaning),
    ),
  );
  const token = make('input', {
    type: 'password',
    placeholder: 'control token',
    'aria-label': 'Control token',
  });
  token.addEventListener('change', () => {
    const given = token.value.trim();
    if (given === '') forgetToken();
    else keepToken(given);
    connection.introduce();
  });
  dialog.append(
    make('h2', {}, 'Keys'),
    make('table', {}, ...rows),
    make('p', {}, 'A click on a dot of the plane, or on a picture that comes next, pins it.'),
    token,
  );
  const toggle = (): void => {
    if (dialog.open) {
      dialog.close();
      return;
    }
    dialog.showModal();
    // Not its token field: the keys stay keys.
    dialog.focus();
  };
  find('#help-open').addEventListener('click', toggle);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  addEventListener('keydown', ({ key, target }) => {
    if (key === '?' && !(target instanceof HTMLInputElement)) toggle();
  });
}

function draw(): void {
  plane.draw();
  meter.draw();
  requestAnimationFrame(draw);
}

fillHelp();
draw();
setInterval(() => void refreshStatus(), STATUS_EVERY_MS);
setInterval(() => {
  refreshGallery().catch(() => undefined);
}, GALLERY_EVERY_MS);
