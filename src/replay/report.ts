import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp from 'sharp';
import { escaped } from '../../models/html.ts';
import type { ShowGallery } from '../live/index.ts';
import { THEME } from '../report/theme.ts';
import { LOUDNESS_SECONDS, type Timeline } from './timeline.ts';

/** The drawing's units: pixels for a second of sound, and heights. */
const SECOND_WIDTH = 12;
const CURVE_HEIGHT = 160;
const STRIP_HEIGHT = 96;
const AXIS_HEIGHT = 24;
/** Thumbnails in the report: small, for a night has thousands. */
const THUMBNAIL_SIDE = 128;
const TICK_SECONDS = 10;

/**
 * A page that shows a replay: the mood curves over the waveform, and the pictures under it. It holds all it needs and
 * asks nothing of a network.
 */
export async function reportPage(timeline: Timeline, gallery: ShowGallery): Promise<string> {
  const { facts, endSeconds, shown } = timeline;
  const images = [...new Set(shown.flatMap(({ image }) => image ?? []))];
  const thumbnails = await Promise.all(images.map((id) => thumbnailOf(id, gallery)));
  const width = Math.ceil(endSeconds * SECOND_WIDTH) + 1;
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
h1 { font-size: 1.3rem } .scroll { overflow-x: auto; padding-bottom: 1rem } svg { display: block }
.valence { color: var(--valence); stroke: currentcolor } .arousal { color: var(--arousal); stroke: currentcolor }
.plot { fill: var(--plot) } .wave { fill: var(--wave) } .ticks { fill: var(--faint) } dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem }
dt { color: var(--faint) } dd { margin: 0 } table { border-collapse: collapse; margin-top: 1rem } td, th { padding: .1rem 1rem .1rem 0; text-align: left }
</style>
<h1>Replay of ${escaped(title)}</h1>
<dl>
<dt>sound</dt><dd>${clock(endSeconds)}</dd>
<dt>pictures</dt><dd>${images.length} different of ${facts.pictures}, ${shown.length} changes</dd>
<dt>mood</dt><dd>${meanMood(timeline)}</dd>
<dt>curves</dt><dd><span class="valence">valence</span> and <span class="arousal">arousal</span> from 0 (bottom) to 1, over the waveform; thin where the confidence is low</dd>
<dt>strip</dt><dd>each picture from when it came to when it went</dd>
</dl>
<div class="scroll"><svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Mood, waveform and pictures over time">
<defs>${images.map((id, i) => `<image id="p${i}" width="${STRIP_HEIGHT}" height="${STRIP_HEIGHT}" preserveAspectRatio="xMidYMid slice" href="${thumbnails[i]!}"/>`).join('\n')}</defs>
<rect width="${width}" height="${CURVE_HEIGHT}" class="plot"/>
<path d="${waveform(timeline)}" class="wave"/>
${curve(timeline, 'valence')}
${curve(timeline, 'arousal')}
${axis(endSeconds)}
${strip(timeline, images, gallery)}
</svg></div>
<table><tr><th>time</th><th>picture</th><th>change</th></tr>
${shown.map(({ fromSeconds, image, crossfadeSeconds }) => `<tr><td>${clock(fromSeconds)}</td><td>${image === null ? '–' : escaped(nameOf(image, gallery))}</td><td>${crossfadeSeconds === 0 ? 'cut' : `${crossfadeSeconds} s`}</td></tr>`).join('\n')}
</table>
</html>
`;
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
function waveform({ loudness }: Timeline): string {
  const middle = CURVE_HEIGHT / 2;
  const step = LOUDNESS_SECONDS * SECOND_WIDTH;
  const point = (i: number, sign: number) =>
    `${(i * step).toFixed(1)},${(middle + sign * Math.min(1, loudness[i]!.peak) * middle).toFixed(1)}`;
  const above = loudness.map((_, i) => point(i, -1));
  const below = loudness.map((_, i) => point(i, 1)).reverse();
  return above.length === 0 ? '' : `M${above.join('L')}L${below.join('L')}Z`;
}

function curve({ moods }: Timeline, which: 'valence' | 'arousal'): string {
  const place = (mood: (typeof moods)[number]) =>
    `${(mood.endSeconds * SECOND_WIDTH).toFixed(1)},${((1 - mood[which]) * CURVE_HEIGHT).toFixed(1)}`;
  const lines = moods.slice(1).map((mood, i) => {
    const width = (0.8 + 2 * mood.confidence).toFixed(1);
    return `<path d="M${place(moods[i]!)}L${place(mood)}" stroke-width="${width}"/>`;
  });
  return `<g class="${which}" stroke-linecap="round">${lines.join('')}</g>`;
}

function axis(endSeconds: number): string {
  const ticks: string[] = [];
  for (let seconds = 0; seconds <= endSeconds; seconds += TICK_SECONDS) {
    ticks.push(`<text x="${seconds * SECOND_WIDTH + 2}" y="${CURVE_HEIGHT + 16}">${clock(seconds)}</text>`);
  }
  return `<g class="ticks" font-size="11" font-family="system-ui, sans-serif">${ticks.join('')}</g>`;
}

/** Each picture from when it came to when it went: its thumbnail once, as much of it as there is room for. */
function strip({ shown, endSeconds }: Timeline, images: readonly string[], gallery: ShowGallery): string {
  const top = CURVE_HEIGHT + AXIS_HEIGHT;
  return shown
    .map(({ fromSeconds, image }, i) => {
      if (image === null) return '';
      const x = fromSeconds * SECOND_WIDTH;
      const seconds = (shown[i + 1]?.fromSeconds ?? endSeconds) - fromSeconds;
      const width = Math.max(1, seconds * SECOND_WIDTH - 1).toFixed(1);
      const title = `<title>${escaped(nameOf(image, gallery))}, ${seconds.toFixed(1)} s</title>`;
      return `<svg x="${x.toFixed(1)}" y="${top}" width="${width}" height="${STRIP_HEIGHT}" overflow="hidden">${title}<rect width="100%" height="100%" class="wave"/><use href="#p${images.indexOf(image)}"/></svg>`;
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
