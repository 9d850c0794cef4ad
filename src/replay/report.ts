import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp from 'sharp';
import { escaped } from '../../models/html.ts';
import type { Reason } from '../../streams/program/index.ts';
import { THEME } from '../report/theme.ts';
import type { ShowGallery } from '../show/index.ts';
import type { Part } from './parts.ts';
import { LOUDNESS_SECONDS, type Timeline } from './timeline.ts';

/**
 * The drawing's units: the least and most pixels for a second of sound, the width that a short sound fills, and
 * heights.
 */
const LEAST_SECOND_WIDTH = 12;
const MOST_SECOND_WIDTH = 60;
const PAGE_WIDTH = 1200;
const CURVE_HEIGHT = 160;
const STRIP_HEIGHT = 96;
const AXIS_HEIGHT = 24;
/** Thumbnails in the report: small, for a night has thousands. */
const THUMBNAIL_SIDE = 128;
/** Between two times of the axis: the first that is this wide. */
const TICK_WIDTH = 100;
const TICKS_SECONDS = [2, 5, 10];

const REASONS: Readonly<Record<Reason, string>> = {
  fit: 'it fits better',
  dwell: 'the one before had its time',
  idle: 'silence: slow rotation',
  operator: 'the operator',
  replacement: 'the one before is not to be had any more',
  restored: 'on show before the restart',
  opening: 'the beginning',
};

/**
 * A page that shows a replay: the mood curves over the waveform, and the pictures under it. It holds everything and
 * needs no network.
 */
export async function reportPage(timeline: Timeline, gallery: ShowGallery): Promise<string> {
  const { facts, endSeconds, shown } = timeline;
  const images = [...new Set(shown.flatMap(({ image }) => image ?? []))];
  const thumbnails = await Promise.all(images.map((id) => thumbnailOf(id, gallery)));
  const secondWidth = secondWidthOf(endSeconds);
  const width = Math.ceil(endSeconds * secondWidth) + 1;
  const height = CURVE_HEIGHT + AXIS_HEIGHT + STRIP_HEIGHT;
  const title = facts.files.map((file) => basename(file)).join(', ');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Replay of ${escaped(title)}</title>
<meta name="color-scheme" content="dark light">
<style>
${THEME}
body { margin: 2rem; font: 14px/1.5 system-ui, sans-serif; background: var(--ground); color: var(--text) }
h1 { font-size: 1.3rem } .scroll { overflow-x: auto; padding-bottom: 1rem } .scroll > svg { display: block; width: 100%; min-width: ${width}px; height: auto }
.valence { color: var(--valence); stroke: currentcolor } .arousal { color: var(--arousal); stroke: currentcolor }
.plot { fill: var(--plot) } .wave { fill: var(--wave) } .ticks { fill: var(--faint) } dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem }
dt { color: var(--faint) } dd { margin: 0 } table { border-collapse: collapse; margin-top: 1rem } td, th { padding: .1rem 1rem .1rem 0; text-align: left; vertical-align: top } td { font-variant-numeric: tabular-nums }
</style>
<h1>Replay of ${escaped(title)}</h1>
<dl>
<dt>sound</dt><dd>${clock(endSeconds)}${timeline.isOver ? '' : ', where the replay was broken off'}</dd>
${timeline.faults.map(faultOf).join('')}<dt>pictures</dt><dd>${images.length} different of ${facts.pictures}, ${shown.length} changes</dd>
<dt>mood</dt><dd>${meanMood(timeline)}</dd>
<dt>curves</dt><dd><span class="valence">valence</span> and <span class="arousal">arousal</span> from 0 (bottom) to 1, over the waveform; thin where the confidence is low</dd>
<dt>strip</dt><dd>each picture from when it came to when it went; faint while it stays</dd>
</dl>
<div class="scroll"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Mood, waveform and pictures over time">
<defs>${images.map((_, i) => thumbnail(i, thumbnails[i]!)).join('\n')}</defs>
<rect width="${width}" height="${CURVE_HEIGHT}" class="plot"/>
<path d="${waveform(timeline, secondWidth)}" class="wave"/>
${curve(timeline, 'valence', secondWidth)}
${curve(timeline, 'arousal', secondWidth)}
${axis(endSeconds, secondWidth)}
${strip(timeline, secondWidth, images, gallery)}
</svg></div>
<div class="scroll"><table><tr><th>time</th><th>picture</th><th>stays</th><th>music: valence, arousal</th><th>why it came</th><th>change</th></tr>
${rows(timeline, gallery)}
</table></div>
</html>
`;
}

/** A file that was left out, or heard although it is damaged. */
function faultOf({ startSeconds, endSeconds, fault, damage }: Part): string {
  const [what, atSeconds] = fault === undefined ? ['damaged', startSeconds] : ['left out', endSeconds];
  return `<dt>${what}</dt><dd>from ${clock(atSeconds)} on: ${escaped(fault?.message ?? damage!)}</dd>\n`;
}

/** For the strip: a thumbnail, and a row of them. */
function thumbnail(i: number, address: string): string {
  return (
    `<image id="p${i}" width="${STRIP_HEIGHT}" height="${STRIP_HEIGHT}" preserveAspectRatio="xMidYMid slice" href="${address}"/>` +
    `<pattern id="t${i}" width="${STRIP_HEIGHT}" height="${STRIP_HEIGHT}" patternUnits="userSpaceOnUse"><use href="#p${i}"/></pattern>`
  );
}

/** A short sound is drawn as wide as a page, a long one scrolls. */
function secondWidthOf(endSeconds: number): number {
  return Math.min(MOST_SECOND_WIDTH, Math.max(LEAST_SECOND_WIDTH, PAGE_WIDTH / Math.max(1, endSeconds)));
}

/** The table: each picture with the mood of the music when it came. */
function rows(timeline: Timeline, gallery: ShowGallery): string {
  const { shown, moods, endSeconds } = timeline;
  return shown
    .map(({ fromSeconds, image, crossfadeSeconds, reason }, i) => {
      const mood = moods.findLast((one) => one.endSeconds <= fromSeconds);
      const stays = (shown[i + 1]?.fromSeconds ?? endSeconds) - fromSeconds;
      const cells = [
        clock(fromSeconds),
        image === null ? '–' : escaped(nameOf(image, gallery)),
        `${stays.toFixed(1)} s`,
        mood === undefined ? '–' : `${mood.valence.toFixed(2)}, ${mood.arousal.toFixed(2)}`,
        REASONS[reason],
        crossfadeSeconds === 0 ? 'cut' : `${crossfadeSeconds} s`,
      ];
      return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
    })
    .join('\n');
}

/** As a data URI; a grey square for a picture that can't be read any more. */
async function thumbnailOf(id: string, gallery: ShowGallery): Promise<string> {
  const files = gallery.filesOf(id);
  try {
    const small = await sharp(await readFile(files!.thumbnail))
      .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'cover' })
      .webp({ quality: 70 })
      .toBuffer();
    return `data:image/webp;base64,${small.toString('base64')}`;
  } catch {
    return `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1" fill="gray"/></svg>')}`;
  }
}

function nameOf(id: string, gallery: ShowGallery): string {
  return gallery.filesOf(id)?.name ?? id;
}

/** The peaks above and below the middle, as one shape. */
function waveform({ loudness }: Timeline, secondWidth: number): string {
  const middle = CURVE_HEIGHT / 2;
  const step = LOUDNESS_SECONDS * secondWidth;
  const point = (i: number, sign: number) =>
    `${(i * step).toFixed(1)},${(middle + sign * Math.min(1, loudness[i]!.peak) * middle).toFixed(1)}`;
  const above = loudness.map((_, i) => point(i, -1));
  const below = loudness.map((_, i) => point(i, 1)).reverse();
  return above.length === 0 ? '' : `M${above.join('L')}L${below.join('L')}Z`;
}

function curve({ moods }: Timeline, which: 'valence' | 'arousal', secondWidth: number): string {
  const place = (mood: (typeof moods)[number]) =>
    `${(mood.endSeconds * secondWidth).toFixed(1)},${((1 - mood[which]) * CURVE_HEIGHT).toFixed(1)}`;
  const lines = moods.slice(1).map((mood, i) => {
    const width = (0.8 + 2 * mood.confidence).toFixed(1);
    return `<path d="M${place(moods[i]!)}L${place(mood)}" stroke-width="${width}"/>`;
  });
  return `<g class="${which}" stroke-linecap="round">${lines.join('')}</g>`;
}

function axis(endSeconds: number, secondWidth: number): string {
  const tickSeconds = TICKS_SECONDS.find((seconds) => seconds * secondWidth >= TICK_WIDTH)!;
  const ticks: string[] = [];
  for (let seconds = 0; seconds <= endSeconds; seconds += tickSeconds) {
    ticks.push(
      `<text x="${(seconds * secondWidth + 2).toFixed(1)}" y="${CURVE_HEIGHT + 16}">${clock(seconds)}</text>`,
    );
  }
  return `<g class="ticks" font-size="11" font-family="system-ui, sans-serif">${ticks.join('')}</g>`;
}

/** Each picture from when it came to when it went: its thumbnail, repeated faintly for as long as it stays. */
function strip(
  { shown, endSeconds }: Timeline,
  secondWidth: number,
  images: readonly string[],
  gallery: ShowGallery,
): string {
  const top = CURVE_HEIGHT + AXIS_HEIGHT;
  return shown
    .map(({ fromSeconds, image }, i) => {
      if (image === null) return '';
      const x = fromSeconds * secondWidth;
      const seconds = (shown[i + 1]?.fromSeconds ?? endSeconds) - fromSeconds;
      const width = Math.max(1, seconds * secondWidth - 1).toFixed(1);
      const title = `<title>${escaped(nameOf(image, gallery))}, ${seconds.toFixed(1)} s</title>`;
      return `<svg x="${x.toFixed(1)}" y="${top}" width="${width}" height="${STRIP_HEIGHT}" overflow="hidden">${title}<rect width="100%" height="100%" class="wave"/><rect width="100%" height="100%" fill="url(#t${images.indexOf(image)})" opacity="0.45"/><use href="#p${images.indexOf(image)}"/></svg>`;
    })
    .join('\n');
}

function meanMood({ moods }: Timeline): string {
  if (moods.length === 0) return 'none: the sound is shorter than a clip of 2 s, or silent';
  const mean = (which: 'valence' | 'arousal') =>
    (moods.reduce((sum, mood) => sum + mood[which], 0) / moods.length).toFixed(2);
  return `valence ${mean('valence')}, arousal ${mean('arousal')} on average`;
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
