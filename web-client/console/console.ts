import { messageOf } from '../../models/errors.ts';
import { ShowClient, ShowRefusal } from '../../src/client/index.ts';
import type { Control, Introduction, Link, ShowMessage } from '../../src/client/index.ts';
import { ask, postCsv } from '../shared/api.ts';
import { find } from '../shared/element.ts';
import { markStarted, onProgramError } from '../shared/program-errors.ts';
import { controlToken, forgetToken } from '../shared/token.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import { ChannelsPanel } from './channels.ts';
import { ControlPanel } from './control-panel.ts';
import { DisplaysPanel, type WatchedDisplay } from './displays.ts';
import { ExpectedStatus } from './expected-status.ts';
import type { Answer } from './expected-status.ts';
import { showFacts, showHealth, showSource } from './facts.ts';
import { firsts } from './firsts.ts';
import { GalleryBrowser } from './gallery.ts';
import { addHelp } from './help.ts';
import { KeptOutPanel } from './kept-out.ts';
import { Meter } from './meter.ts';
import { MoodAdjuster } from './mood-adjuster.ts';
import { exportMoods } from './moods-file.ts';
import { NewestGallery } from './newest-gallery.ts';
import { NextPictures } from './next-pictures.ts';
import { notice, noticeFailure } from './notice.ts';
import { showCaption, showPicture } from './on-show.ts';
import { Plane } from './plane.ts';
import { askForToken, listenToTokenForm } from './token-form.ts';
import { keepInSight } from './visible-bar.ts';

/* The console: what the show hears and does, and the operator's controls. */

const STATUS_EVERY_MS = 700;

let message: ShowMessage | null = null;
let pictures: ReadonlyMap<string, GalleryEntry> = new Map();
/** False until the server says so. */
let mayControl = false;
let isTokenRefused = false;
let refs = 0;
const expected = new ExpectedStatus();

const plane = new Plane(find('#plane') as HTMLCanvasElement, (id) => {
  send({ control: 'pin', image: id });
});
const meter = new Meter(find('#meter') as HTMLCanvasElement);
const panel = new ControlPanel(find('#hand'), {
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
    noticeFailure(postCsv('api/moods', csv).then(refreshStatus));
  },
});
const browser = new GalleryBrowser(find('#gallery'), send, (id) => {
  adjuster.adjust(id);
});
const displays = new DisplaysPanel(find('#displays'), send);
const channels = new ChannelsPanel(find('#channels'), send);
const keptOut = new KeptOutPanel(find('#kept-out'), {
  send,
  onFailure(error) {
    notice(messageOf(error));
  },
});
const next = new NextPictures(send);
const gallery = new NewestGallery((newest) => {
  pictures = newest;
  plane.pictures = newest;
  browser.pictures = newest;
  adjuster.pictures = newest;
});

function hello(): Introduction {
  const token = controlToken();
  return { role: 'console', name: 'console', ...(token !== null && { token }) };
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
      // The page shows that the connection is lost, and expects nothing of the control any more.
      if (error instanceof ShowRefusal && error.code === 'connection-lost') return;
      refused(messageOf(error));
      answered(ref, false);
    },
  );
  showPanel();
}

function answered(ref: number, ok: boolean): void {
  expected.reply(ref, ok);
  showPanel();
  void refreshStatus();
}

function refused(why: string): void {
  notice(why);
  adjuster.refused();
}

function showPanel(): void {
  const { status } = expected;
  if (status === null) return;
  const onShow = message?.show.image?.id ?? null;
  panel.show({ status, onShow });
  channels.show(status.source);
  keptOut.show(status.keptOut, { revision: status.pictures.revision, onShow, mayControl });
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
  if (isNews) showPanel();
  plane.show(now);
  meter.show(now);
  const badge = find('#state');
  badge.textContent = now.show.state;
  badge.dataset['state'] = now.show.state;
  if (changed) showPicture(now, pictures);
  showCaption(now, pictures);
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
  askForToken(!mayControl, isTokenRefused);
}

function onTokenRefused(): void {
  forgetToken();
  mayControl = false;
  isTokenRefused = true;
}

async function refreshStatus(): Promise<void> {
  const request = expected.request();
  try {
    const answer = await ask<Answer>('api/state');
    expected.answer(request, answer);
    showPanel();
    const { status } = answer;
    next.show(status, message, pictures);
    plane.target = status.target;
    find('#own').hidden = status.hasBuiltInPictures !== true;
    browser.showsUnsafe = status.settings.allowUnsafe;
    adjuster.showsUnsafe = status.settings.allowUnsafe;
    adjuster.status = status.moods;
    browser.firsts = firsts(status, (id) => pictures.get(id)?.file);
    gallery.refresh(status.pictures.revision, mayControl).catch(() => undefined);
    // Only those who may control learn who else is connected.
    const screens = mayControl ? (await ask<{ displays: WatchedDisplay[] }>('api/displays')).displays : null;
    displays.show(screens, (expected.status ?? status).settings.displayFits, (id) => pictures.has(id));
    showSource(status.source);
    meter.channels = status.source.channels;
    showHealth(status, message?.latency.total ?? null, screens);
  } catch (error) {
    showFacts([messageOf(error)]);
  }
}

let isAskingDevices = false;

/** Called each time the operator is about to choose a source: devices are plugged in during a show. */
async function refreshDevices(): Promise<void> {
  // A click also focuses, and would ask twice.
  if (isAskingDevices) return;
  isAskingDevices = true;
  try {
    const { devices } = await ask<{ devices: { name: string }[] }>('api/devices');
    panel.devices = devices.map(({ name }) => name);
  } finally {
    isAskingDevices = false;
  }
}

onProgramError((line) => {
  notice(`This page failed: ${line}`);
});
addHelp();
keepInSight(find('#hand .buttons'));
listenToTokenForm(() => {
  client.introduce();
});
setInterval(() => void refreshStatus(), STATUS_EVERY_MS);
markStarted();
