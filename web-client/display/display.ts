import { DEFAULT_FIT, FITS, type Fit } from '../../models/screens.ts';
import { ShowClient, type Introduction, type ShowMessage } from '../../src/client/index.ts';
import { keyOf } from '../shared/key.ts';
import { isLacking, markStarted, onProgramError } from '../shared/program-errors.ts';
import { Awake } from './awake.ts';
import { fade } from './fade.ts';
import { Layers } from './layers.ts';
import { Renditions } from './renditions.ts';
import { Reports } from './reports.ts';

/*
 * A display: the picture on show over the whole screen, and nothing else. Its address says what it is:
 * ?name=left&group=2&fit=cover&motion=1 (fit: cover, contain or pan; the console may choose another). F is full screen, I shows name, group and connection.
 */

const STILL_AFTER_MS = 2000;
const CARD_MS = 8000;
/** A window that is being dragged to another size has many sizes. */
const RESIZED_AFTER_MS = 400;

const asked = new URLSearchParams(location.search);
const stage = document.querySelector<HTMLElement>('#stage')!;
const black = document.querySelector<HTMLElement>('#black')!;
const card = document.querySelector<HTMLElement>('#card')!;

stage.classList.toggle('motion', asked.get('motion') === '1');

// It has said so on the screen, and to the show.
if (isLacking()) throw new Error('this browser is too old');

const ownFit = FITS.find((fit) => fit === asked.get('fit')) ?? DEFAULT_FIT;
const renditions = new Renditions(ownFit, (path) => client.address(path));
const layers = new Layers(stage, renditions, {
  onPainted: (id, delayMs) => {
    reports.painted(id, client.showTime, delayMs);
  },
  onBroken: (id) => {
    reports.broken(id);
  },
});
let hasShown = false;
let isBlack = false;

function hello(): Introduction {
  const group = asked.get('group');
  const name = asked.get('name');
  return {
    role: 'display',
    ...(name !== null && { name: name.slice(0, 64) }),
    // The server refuses an invalid group, and the page says so.
    ...(group !== null && {
      group: (/^\d+$/.test(group) ? Number(group) : group) as Introduction['group'] & {},
    }),
  };
}

function onShow(message: ShowMessage): void {
  takeFit(message);
  const { image, crossfade, state } = message.show;
  // A display that is switched on during a blackout shows nothing of the picture behind it.
  darken(state === 'blackout', hasShown ? crossfade : 0);
  hasShown = true;
  if (image === null) {
    if (layers.shown !== null) reports.change();
    layers.clear(crossfade);
  } else void layers.show(image.id, client.address(image.url), crossfade);
  document.body.dataset['state'] = state;
}

/** The operator's choice for this display counts, or else what its address says. */
function takeFit({ fits = [] }: ShowMessage): void {
  const name = asked.get('name') ?? '';
  const fit: Fit = fits.find(({ display }) => display === name)?.fit ?? ownFit;
  if (fit === renditions.fit) return;
  renditions.fit = fit;
  void layers.refit();
  reports.change();
}

function darken(dark: boolean, fadeSeconds: number): void {
  if (dark === isBlack) return;
  isBlack = dark;
  fade(black, { to: dark ? 1 : 0, milliseconds: fadeSeconds * 1000 });
  reports.change();
}

let cardTimer = 0;
/** Whether the visible card describes the display: then it is kept up to date. */
let isDescribing = false;

const client = new ShowClient(location.href, {
  hello,
  onShow,
  onLink: (link) => {
    document.body.dataset['link'] = link;
    if (link === 'connected') reports.change();
    if (isDescribing && !card.hidden) card.textContent = describe();
  },
  onAhead: (_addresses, ids) => {
    void layers.preload(ids);
  },
  onRefusal: ({ message }) => {
    showCard(message);
  },
});

const reports = new Reports(
  (report) => {
    client.report(report);
  },
  () => ({ picture: layers.shown, black: isBlack, wake: awake.state, fit: renditions.fit }),
);

const awake = new Awake(document.querySelector<HTMLElement>('#awake')!, () => {
  reports.change();
});

onProgramError((line) => {
  reports.programError(line);
  // Over a picture it would only disturb.
  if (layers.shown === null) showCard(`This page failed: ${line}`);
});

const WAKE_WORDS = {
  lock: 'the screen is kept on',
  video: 'the screen is kept on by a video',
  none: 'the screen may go to sleep: set that off in its system',
} as const;

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
    reports.error ?? WAKE_WORDS[awake.state],
    `${innerWidth} × ${innerHeight} · ${renditions.fit} · F full screen · I this card`,
  ].join('\n');
}

/** Safari before 16.4. */
interface Prefixed {
  webkitRequestFullscreen?(): void;
}

async function toggleFullScreen(): Promise<void> {
  const page: object = document.documentElement;
  if ('requestFullscreen' in page) {
    if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
    else await document.exitFullscreen();
  } else (page as Prefixed).webkitRequestFullscreen?.();
}

addEventListener('keydown', (event) => {
  const key = keyOf(event);
  if (key === 'f') toggleFullScreen().catch(() => undefined);
  if (key === 'i') {
    if (card.hidden) {
      showCard(describe());
      isDescribing = true;
    } else card.hidden = true;
  }
});
addEventListener('dblclick', () => {
  toggleFullScreen().catch(() => undefined);
});

let resizeTimer = 0;
addEventListener('resize', () => {
  clearTimeout(resizeTimer);
  resizeTimer = window.setTimeout(() => void layers.refit(), RESIZED_AFTER_MS);
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

markStarted();
