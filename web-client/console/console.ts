import { messageOf } from '../../models/errors.ts';
import { ShowClient, ShowRefusal } from '../../src/client/index.ts';
import type { Control, Introduction, Link, ShowMessage } from '../../src/client/index.ts';
import { thumbnailUrl } from '../shared/addresses.ts';
import { ask, askText, tellCsv } from '../shared/api.ts';
import { find, make } from '../shared/element.ts';
import { controlToken, forgetToken, keepToken } from '../shared/token.ts';
import { askGallery } from '../shared/whole-gallery.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import { HELP, PAGES, keyName } from './controls.ts';
import { ExpectedStatus } from './expected-status.ts';
import type { Answer } from './expected-status.ts';
import { firsts } from './firsts.ts';
import { GalleryBrowser } from './gallery.ts';
import { Hand } from './hand.ts';
import { Meter } from './meter.ts';
import { MoodAdjuster } from './mood-adjuster.ts';
import { Plane } from './plane.ts';
import { FIT_MEANING, why } from './why.ts';

/* The console: what the show hears and does, and the operator's hand on it. */

const STATUS_EVERY_MS = 700;
const NOTICE_MS = 6000;

let message: ShowMessage | null = null;
let pictures: ReadonlyMap<string, GalleryEntry> = new Map();
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
    noticeFailure(refreshDevices());
  },
});
const adjuster = new MoodAdjuster(find('#moods'), find('#plane') as HTMLCanvasElement, plane, {
  send,
  mayControl: () => mayControl,
  onExport() {
    noticeFailure(exportMoods());
  },
  onImport(csv) {
    noticeFailure(importMoods(csv));
  },
});
const browser = new GalleryBrowser(find('#gallery'), send, (id) => {
  adjuster.adjust(id);
});

function hello(): Introduction {
  const token = controlToken();
  return { name: 'console', ...(token !== null && { token }) };
}

const client = new ShowClient(location.href, {
  hello,
  onShow,
  onLink,
  onHello,
  onTokenRefused,
  onRefusal: ({ message }) => {
    refused(message);
  },
});

function send(control: Control): void {
  const ref = ++refs;
  expected.send(ref, control);
  client.control(control).then(
    () => {
      answered(ref, true);
    },
    (error: unknown) => {
      // What it was sent over is lost, as the page says, and nothing is expected of it any more.
      if (error instanceof ShowRefusal && error.code === 'connection-lost') return;
      refused(messageOf(error));
      answered(ref, false);
    },
  );
  showHand();
}

function answered(ref: number, ok: boolean): void {
  expected.reply(ref, ok);
  showHand();
  void refreshStatus();
}

function refused(why: string): void {
  notice(why);
  adjuster.refused();
}

function showHand(): void {
  const { status } = expected;
  if (status === null) return;
  hand.show({ status, onShow: message?.show.image?.id ?? null });
  const modelKey = document.querySelector<HTMLElement>('#help [data-keys=m]');
  if (modelKey !== null) modelKey.hidden = (status.models ?? []).length < 2;
  showBans(status.bans);
}

let bansShown = '';

function showBans(bans: readonly string[]): void {
  const key = bans.join();
  if (key === bansShown) return;
  bansShown = key;
  plane.bans = new Set(bans);
  browser.bans = new Set(bans);
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
  // Before any music, nothing is known of its mood.
  const heard = mood.confidence === 0 ? '–' : `${mood.valence.toFixed(2)}, ${mood.arousal.toFixed(2)}`;
  find('#caption').textContent =
    picture === undefined
      ? ''
      : `${picture.file} · valence ${picture.valence.toFixed(2)}, arousal ${picture.arousal.toFixed(2)}` +
        `${picture.hand === null ? '' : ' by hand'} · ` +
        `on show for ${Math.max(0, time - show.since).toFixed(0)} s · music ${heard}`;
}

function showNext({ upcoming, upcomingFits, target }: Answer['status']): void {
  const place = find('#next');
  const key = upcoming.join();
  if (place.dataset['key'] !== key) {
    place.dataset['key'] = key;
    place.replaceChildren(
      ...upcoming.map((id) => {
        const button = make(
          'button',
          {},
          make('img', { src: thumbnailUrl(id), alt: '' }),
          make('span', { class: 'why' }),
          make('span', { class: 'fit' }),
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
  [...place.querySelectorAll('button')].forEach((button, i) => {
    const id = upcoming[i]!;
    const picture = pictures.get(id);
    const { label, meaning, fit } = why(upcomingFits[i] ?? null, now.show.state, target, picture);
    button.querySelector('.why')!.textContent = label;
    const bar = button.querySelector<HTMLElement>('.fit')!;
    bar.hidden = fit === null;
    bar.style.width = `${100 * (fit ?? 0)}%`;
    button.title = `${picture?.file ?? id}\n${meaning}\nA click pins it.`;
  });
}

function onLink(link: Link): void {
  document.body.dataset['link'] = link;
  if (link === 'lost') {
    expected.lose();
    find('#state').textContent = 'connection lost';
  }
  if (link === 'connected') {
    void refreshStatus();
  }
}

function onHello(allowed: boolean): void {
  mayControl = allowed;
  document.body.classList.toggle('read-only', !mayControl);
  if (mayControl) {
    isTokenRefused = false;
    refreshDevices().catch(() => undefined);
  }
  askForToken(!mayControl);
}

function onTokenRefused(): void {
  forgetToken();
  mayControl = false;
  isTokenRefused = true;
}

function askForToken(isNeeded: boolean): void {
  find('#token').hidden = !isNeeded;
  find('#token-why').textContent = isTokenRefused
    ? 'The token is wrong: this page may only look.'
    : 'This page may only look.';
}

find('#token').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = find('#token-field') as HTMLInputElement;
  const given = field.value.trim();
  field.value = '';
  // The keys are the show's again.
  field.blur();
  if (given === '') forgetToken();
  else keepToken(given);
  client.introduce();
});

let noticeTimer = 0;

function notice(text: string): void {
  const place = find('#notice');
  place.textContent = text;
  place.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = window.setTimeout(() => {
    place.hidden = true;
  }, NOTICE_MS);
}

function noticeFailure(done: Promise<unknown>): void {
  done.catch((error: unknown) => {
    notice(messageOf(error));
  });
}

/** As a file on this device. */
async function exportMoods(): Promise<void> {
  const csv = new Blob([await askText('/api/moods')], { type: 'text/csv' });
  const address = URL.createObjectURL(csv);
  make('a', { href: address, download: 'moods.csv' }).click();
  URL.revokeObjectURL(address);
}

async function importMoods(csv: File): Promise<void> {
  await tellCsv('/api/moods', csv);
  await refreshStatus();
}

async function refreshStatus(): Promise<void> {
  const request = expected.request();
  try {
    const answer = await ask<Answer>('/api/state');
    expected.answer(request, answer);
    showHand();
    const { status } = answer;
    showNext(status);
    plane.target = status.target;
    find('#own').hidden = status.hasBuiltInPictures !== true;
    browser.showsUnsafe = status.settings.allowUnsafe;
    adjuster.status = status.moods;
    browser.firsts = firsts(status, (id) => pictures.get(id)?.file);
    refreshGallery(status.pictures.revision).catch(() => undefined);
    // Who else is connected is for those who may control.
    const others = mayControl ? await ask<{ clients: unknown[] }>('/api/clients') : null;
    showSource(status.source);
    const { clips, gaps, model } = status;
    const folder = model.folder.split('/').filter(Boolean).at(-1) ?? '';
    // Its provider; the whole of it is in the title.
    const [provider] = model.engine.split(' (');
    showFacts([
      `${message === null ? '–' : message.latency.total.toFixed(0)} ms latency`,
      `${clips.dropped + clips.lost} of ${clips.total} clips dropped`,
      ...(gaps > 0 ? [counted(gaps, 'gap')] : []),
      ...(others === null ? [] : [counted(others.clients.length, 'client')]),
      `model ${folder} on ${provider!}`,
    ]);
    find('#facts').title = `model ${folder} on ${model.engine}`;
  } catch (error) {
    showFacts([messageOf(error)]);
  }
}

function showSource({ name, state, message }: Answer['status']['source']): void {
  const place = find('#source');
  place.replaceChildren(name, make('span', {}, ` · ${state}`));
  place.dataset['state'] = state;
  place.title = message;
}

/** Each fact stays whole where the line breaks. */
function showFacts(facts: readonly string[]): void {
  find('#facts').replaceChildren(...facts.map((fact) => make('span', {}, fact)));
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** What the gallery was fetched as. */
let galleryFetched = '';
let isFetchingGallery = false;

/** Fetches the gallery when it is another than the one that is here. */
async function refreshGallery(revision: string): Promise<void> {
  // Those who may control see unsafe pictures too.
  const seenBy = mayControl ? 'operator' : 'guest';
  if (isFetchingGallery || galleryFetched === `${revision} ${seenBy}`) return;
  isFetchingGallery = true;
  try {
    const found = await askGallery(ask);
    galleryFetched = `${found.revision} ${seenBy}`;
    pictures = found.pictures;
    plane.pictures = pictures;
    browser.pictures = pictures;
    adjuster.pictures = pictures;
  } finally {
    isFetchingGallery = false;
  }
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
      { 'data-keys': keys.join(' ') },
      make('td', {}, ...keys.map((key) => make('kbd', {}, keyName(key)))),
      make('td', {}, meaning),
    ),
  );
  const pages = PAGES.map(({ address, meaning }) =>
    make(
      'tr',
      {},
      make('td', {}, make('a', { href: address, target: '_blank' }, address)),
      make('td', {}, meaning),
    ),
  );
  const close = make('button', {}, 'Close');
  close.addEventListener('click', () => {
    dialog.close();
  });
  dialog.append(
    make('section', { class: 'keys' }, make('h2', {}, 'Keys'), make('table', {}, ...rows)),
    make(
      'section',
      {},
      make('h2', {}, 'Pages'),
      make('table', {}, ...pages),
      make(
        'p',
        {},
        'The cross in the plane is where pictures are looked for: the mood after relative fit and push.',
      ),
      make(
        'p',
        {},
        'A click on a dot of the plane, or on a picture that comes next, pins it; so does a touch.',
      ),
      make(
        'p',
        {},
        'While moods are adjusted (E) a drag of a dot puts its picture where it is let go; so do Page Up and Page Down, the arrows and Enter. Escape leaves it where it was. Green dots are by hand.',
      ),
      make('p', {}, FIT_MEANING),
      close,
    ),
  );
  const toggle = (): void => {
    if (dialog.open) {
      dialog.close();
      return;
    }
    dialog.showModal();
    // None of its links: the keys stay keys.
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

fillHelp();
setInterval(() => void refreshStatus(), STATUS_EVERY_MS);
