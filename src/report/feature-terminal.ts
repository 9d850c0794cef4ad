import { FRAME_COUNT } from '../../models/features/index.ts';
import { colour, type Rgb } from './colour.ts';
import { groupViews, scaleText, type GroupView } from './feature-groups.ts';

/** Most text lines a group may take; each shows two bands of rows in colour. */
const MAX_LINES = 16;
const SHADES = ' .:-=+*#%@';

/**
 * Draws a 193 × 87 matrix as text: a column a frame, the lowest row of a group at the bottom. In colour (24 bit)
 * a character shows two bands of rows, one above the other, as upper half blocks; without, one band in ten shades.
 */
export function drawFeatures(matrix: Float32Array, inColour: boolean): string {
  const lines: string[] = [];
  for (const view of groupViews(matrix)) {
    lines.push(`${view.name} · ${view.rows} rows · ${scaleText(view)}`);
    lines.push(...(inColour ? colourLines(view) : shadeLines(view)));
  }
  return `${lines.join('\n')}\n`;
}

function colourLines(view: GroupView): string[] {
  const bands = Math.min(view.rows, 2 * MAX_LINES);
  const lines = [];
  for (let top = bands - 1; top >= 0; top -= 2) {
    let line = '';
    for (let frame = 0; frame < FRAME_COUNT; frame++) {
      line += `\x1b[38;2;${sgr(bandShade(view, bands, top, frame))}m`;
      // An odd band at the bottom has nothing below it but the terminal's own background.
      line += top > 0 ? `\x1b[48;2;${sgr(bandShade(view, bands, top - 1, frame))}m▀` : '\x1b[49m▀';
    }
    lines.push(`${line}\x1b[0m`);
  }
  return lines;
}

function shadeLines(view: GroupView): string[] {
  const bands = Math.min(view.rows, MAX_LINES);
  const lines = [];
  for (let band = bands - 1; band >= 0; band--) {
    let line = '';
    for (let frame = 0; frame < FRAME_COUNT; frame++) {
      line += SHADES[Math.round(bandShade(view, bands, band, frame) * (SHADES.length - 1))]!;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

/** Mean shade of the rows that fall into a band. */
function bandShade(view: GroupView, bands: number, band: number, frame: number): number {
  const first = Math.floor((band * view.rows) / bands);
  const end = Math.floor(((band + 1) * view.rows) / bands);
  let sum = 0;
  for (let row = first; row < end; row++) sum += view.shade(row, frame);
  return sum / (end - first);
}

function sgr(shade: number): string {
  const [red, green, blue]: Rgb = colour(shade);
  return `${red};${green};${blue}`;
}
