import type { LiveState, LiveStatus } from '../../live/index.ts';
import { printable } from '../printable.ts';

/** What the terminal tells of a show at one moment. */
export interface LiveView {
  /** Where displays and the console are, without the token: it is not to be on every picture of the screen. */
  readonly address: string;
  readonly clients: number;
  readonly state: LiveState | undefined;
  readonly status: LiveStatus;
  /** File of a picture. */
  readonly nameOf: (id: string) => string;
}

const METER_WIDTH = 40;
const METER_RANGE_DB = 60;
const PLANE_WIDTH = 20;

const YELLOW = '\x1b[33m';
const GREEN = '\x1b[32m';
const RED = '\x1b[31m';
const RESET = '\x1b[0m';

/** The lines that `live` keeps on the screen. Escape codes are left out without `inColour`. */
export function liveLines(view: LiveView, inColour: boolean): string[] {
  const paint = (code: string, text: string) => (inColour ? code + text + RESET : text);
  const { state, status } = view;
  const { source, analysis, clips, gaps } = status;
  const soundColour = source.state === 'delivering' ? GREEN : RED;
  const trouble = clips.dropped + clips.lost + gaps + analysis.restarts > 0;
  const drops = [
    `${clips.dropped} of ${clips.total} clips dropped`,
    `${clips.lost} lost`,
    `${gaps} gaps in the sound`,
    `${analysis.restarts} restarts of the analysis`,
  ].join(' · ');
  const message = source.state === 'delivering' ? '' : ` · ${printable(source.message)}`;
  return [
    `show     ${view.address} · ${clientCount(view.clients)}`,
    `source   ${printable(source.name)} · ${paint(soundColour, source.state)}${message}`,
    ...(state === undefined ? [] : stateLines(state, view)),
    `pictures ${status.pictures.allowed} of ${status.pictures.total} · bank ${printable(status.bank ?? 'all')} · ${status.bans.length} banned`,
    `analysis ${analysis.state}${analysis.message === '' ? '' : ` · ${printable(analysis.message)}`} · ${printable(status.model.engine)}`,
    `drops    ${trouble ? paint(YELLOW, drops) : drops}`,
  ];
}

function stateLines(state: LiveState, { nameOf }: LiveView): string[] {
  const { mood, show, level, latency, upcoming, time } = state;
  const image =
    show.image === null ? 'nothing: there is no picture that may be shown' : nameOf(show.image.id);
  return [
    `level    ${meter(level.rms)}${level.onset ? ' ●' : ''}`,
    `mood     valence ${bar(mood.valence)} arousal ${bar(mood.arousal)} confidence ${mood.confidence.toFixed(2)}`,
    `picture  ${show.state} · ${printable(image)} · ${(time - show.since).toFixed(0)} s`,
    `next     ${upcoming.map((id) => printable(nameOf(id))).join(', ') || '–'}`,
    `latency  ${latency.total.toFixed(1)} ms from the last sample of a clip, ${latency.analysis.toFixed(1)} of it analysis`,
  ];
}

/** One line for a log or a pipe. */
export function liveLogLine({ state, status, clients, nameOf }: LiveView): string {
  const { source, clips, analysis } = status;
  const what =
    state === undefined
      ? []
      : [
          `${state.time.toFixed(0)} s`,
          state.show.state,
          state.show.image === null ? 'no picture' : printable(nameOf(state.show.image.id)),
          `valence ${state.mood.valence.toFixed(2)}`,
          `arousal ${state.mood.arousal.toFixed(2)}`,
          `${state.latency.total.toFixed(0)} ms`,
        ];
  return [
    ...what,
    `source ${source.state}`,
    `${clips.dropped} dropped`,
    `${clips.lost} lost`,
    clientCount(clients),
    ...(analysis.state === 'running' ? [] : ['analysis restarting']),
  ].join(' · ');
}

function clientCount(count: number): string {
  return count === 1 ? '1 client' : `${count} clients`;
}

function meter(rms: number): string {
  const db = 20 * Math.log10(Math.max(rms, 1e-6));
  const filled = Math.min(METER_WIDTH, Math.max(0, Math.round((1 + db / METER_RANGE_DB) * METER_WIDTH)));
  const value = rms > 1e-6 ? `${db.toFixed(1)} dB` : '-∞ dB';
  return `${'█'.repeat(filled)}${'·'.repeat(METER_WIDTH - filled)} ${value}`;
}

function bar(value: number): string {
  const at = Math.min(PLANE_WIDTH - 1, Math.max(0, Math.round(value * (PLANE_WIDTH - 1))));
  return `${'·'.repeat(at)}●${'·'.repeat(PLANE_WIDTH - 1 - at)} ${value.toFixed(2)}`;
}
