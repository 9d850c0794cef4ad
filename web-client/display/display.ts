import { ShowClient, type Introduction, type ShowMessage } from '../../src/client/index.ts';
import { Layers } from './layers.ts';

/*
 * A display: the picture on show over the whole screen, and nothing else. Its address says what it is:
 * ?name=left&group=2&fit=cover&motion=1. F is full screen, I shows name, group and connection.
 */

const STILL_AFTER_MS = 2000;
const CARD_MS = 8000;

const asked = new URLSearchParams(location.search);
const stage = document.querySelector<HTMLElement>('#stage')!;
const black = document.querySelector<HTMLElement>('#black')!;
const card = document.querySelector<HTMLElement>('#card')!;

stage.classList.toggle('cover', asked.get('fit') !== 'contain');
stage.classList.toggle('motion', asked.get('motion') === '1');

const layers = new Layers(stage);
let hasShown = false;
let isBlack = false;

function hello(): Introduction {
  const group = asked.get('group');
  const name = asked.get('name');
  return {
    ...(name !== null && { name: name.slice(0, 64) }),
    // The server refuses an invalid group, and the page says so.
    ...(group !== null && {
      group: (/^\d+$/.test(group) ? Number(group) : group) as Introduction['group'] & {},
    }),
  };
}

function onShow(message: ShowMessage): void {
  const { image, crossfade, state } = message.show;
  // A display that is switched on during a blackout shows nothing of the picture behind it.
  darken(state === 'blackout', hasShown ? crossfade : 0);
  hasShown = true;
  if (image === null) layers.clear(crossfade);
  else void layers.show(image.id, client.address(image.url), crossfade);
  document.body.dataset['state'] = state;
}

function darken(dark: boolean, fadeSeconds: number): void {
  if (dark === isBlack) return;
  isBlack = dark;
  // From where an unfinished fade stands now.
  const from = getComputedStyle(black).opacity;
  black.animate([{ opacity: from }, { opacity: dark ? 1 : 0 }], {
    duration: fadeSeconds * 1000,
    easing: 'ease-in-out',
    fill: 'forwards',
  });
}

let cardTimer = 0;
/** Whether the visible card describes the display: then it is kept up to date. */
let isDescribing = false;

const client = new ShowClient(location.href, {
  hello,
  onShow,
  onLink: (link) => {
    document.body.dataset['link'] = link;
    if (isDescribing && !card.hidden) card.textContent = describe();
  },
  onAhead: (addresses) => {
    layers.preload(addresses);
  },
  onRefusal: ({ message }) => {
    showCard(message);
  },
});

function showCard(text: string): void {
  isDescribing = false;
  card.textContent = text;
  card.hidden = false;
  clearTimeout(cardTimer);
  cardTimer = window.setTimeout(() => {
    card.hidden = true;
  }, CARD_MS);
}

function describe(): string {
  const group = asked.get('group') ?? 'main';
  const { newest, link } = client;
  const total = newest === null ? '–' : `${newest.latency.total.toFixed(0)} ms`;
  return [
    `display ${asked.get('name') ?? 'without a name'} · group ${group} · ${link}`,
    `on show ${layers.shown ?? 'nothing'} · ${newest?.show.state ?? '–'} · latency ${total}`,
    `${innerWidth} × ${innerHeight} · F full screen · I this card`,
  ].join('\n');
}

async function toggleFullScreen(): Promise<void> {
  if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
  else await document.exitFullscreen();
}

addEventListener('keydown', ({ key }) => {
  if (key === 'f' || key === 'F') toggleFullScreen().catch(() => undefined);
  if (key === 'i' || key === 'I') {
    if (card.hidden) {
      showCard(describe());
      isDescribing = true;
    } else card.hidden = true;
  }
});
addEventListener('dblclick', () => {
  toggleFullScreen().catch(() => undefined);
});

let stillTimer = 0;

function onMove(): void {
  document.body.classList.remove('still');
  clearTimeout(stillTimer);
  stillTimer = window.setTimeout(() => {
    document.body.classList.add('still');
  }, STILL_AFTER_MS);
}

addEventListener('pointermove', onMove);
onMove();

/** Keeps the screen on; browsers give it to pages of this machine and over https, and take it back when hidden. */
async function keepAwake(): Promise<void> {
  if (!('wakeLock' in navigator) || document.visibilityState !== 'visible') return;
  await navigator.wakeLock.request('screen').catch(() => undefined);
}

document.addEventListener('visibilitychange', () => void keepAwake());
void keepAwake();
