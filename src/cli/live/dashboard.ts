import type { LiveState, LiveStatus } from '../../show/index.ts';
import { painter } from '../terminal/colour.ts';
import { counted } from '../terminal/counted.ts';
import { printable } from '../terminal/printable.ts';
import { withRemedy } from '../terminal/remedies.ts';
import { cut } from '../terminal/wrap.ts';

/** What the terminal shows of a show at one moment. */
export interface LiveView {
  /** Where displays and the console are, without the token, which must not be on every photograph of the screen. */
  readonly address: string;
  readonly clients: number;
  readonly state: LiveState | undefined;
  readonly status: LiveStatus;
  /** File of a picture. */
  readonly nameOf: (id: string) => string;
}

const METER_WIDTH = 40;
const METER_RANGE_DB = 60;
/** So that a line with both axes fits into 80 columns. */
const PLANE_WIDTH = 12;

/**
 * The lines that `live` keeps on the screen. Escape codes are left out without `inColour`.
 * @param width of the terminal: longer names and messages are cut there
 */
export function liveLines(view: LiveView, inColour: boolean, width: number): string[] {
  const paint = painter(inColour);
  const { state, status } = view;
  const { source, analysis, clips, gaps } = status;
  const soundColour = source.state === 'delivering' ? 'green' : 'red';
  const trouble = clips.dropped + clips.lost + gaps + analysis.restarts > 0;
  const drops = [
    `${clips.dropped} of ${counted(clips.total, 'clip')}`,
    `${clips.lost} lost`,
    counted(gaps, 'sound gap'),
    counted(analysis.restarts, 'analysis restart'),
  ].join(' · ');
  const message =
    source.state === 'delivering' ? '' : ` · ${printable(withRemedy(source.message, source.remedy))}`;
  const lines = [
    `show     ${view.address} · ${counted(view.clients, 'client')}`,
    `source   ${printable(source.name)} · ${paint(soundColour, source.state)}${message}`,
    ...(state === undefined ? [] : stateLines(state, view)),
    `pictures ${status.pictures.allowed} of ${status.pictures.total} · bank ${printable(status.bank ?? 'all')} · ${status.bans.length} banned`,
    `analysis ${analysis.state}${analysis.message === '' ? '' : ` · ${printable(withRemedy(analysis.message, analysis.remedy))}`} · ${printable(status.model.engine)}`,
    `drops    ${trouble ? paint('yellow', drops) : drops}`,
  ];
  return lines.map((line) => cut(line, width));
}

function stateLines(state: LiveState, { nameOf }: LiveView): string[] {
  const { mood, show, level, latency, upcoming, time } = state;
  const image =
    show.image === null ? 'nothing: there is no picture that may be shown' : nameOf(show.image.id);
  return [
    `level    ${meter(level.rms)}${level.onset ? ' ●' : ''}`,
    isKnown(mood)
      ? `mood     valence ${bar(mood.valence)} arousal ${bar(mood.arousal)} confidence ${mood.confidence.toFixed(2)}`
      : 'mood     –',
    `picture  ${show.state} · ${printable(image)} · ${(time - show.since).toFixed(0)} s`,
    `next     ${upcoming.map((id) => printable(nameOf(id))).join(', ') || '–'}`,
    latency.total === 0
      ? 'latency  –'
      : `latency  ${latency.total.toFixed(1)} ms from the last sample of a clip, ${latency.analysis.toFixed(1)} of it analysis`,
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
          `valence ${isKnown(state.mood) ? state.mood.valence.toFixed(2) : '–'}`,
          `arousal ${isKnown(state.mood) ? state.mood.arousal.toFixed(2) : '–'}`,
          `${state.latency.total === 0 ? '–' : state.latency.total.toFixed(0)} ms`,
        ];
  return [
    ...what,
    `source ${source.state}`,
    `${clips.dropped} dropped`,
    `${clips.lost} lost`,
    counted(clients, 'client'),
    ...(analysis.state === 'running' ? [] : ['analysis restarting']),
  ].join(' · ');
}

/** Before any music, the mood is the middle of the plane and means nothing. */
function isKnown({ confidence }: LiveState['mood']): boolean {
  return confidence > 0;
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
