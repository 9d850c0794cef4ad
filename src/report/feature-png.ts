import sharp from 'sharp';
import { CLIP_SAMPLES, FRAME_COUNT, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { colour, type Rgb } from './colour.ts';
import { groupViews, scaleText } from './feature-groups.ts';
import { GLYPH_HEIGHT, plotText } from './pixel-font.ts';

const MARGIN = 16;
const FRAME_WIDTH = 10;
const TEXT_SCALE = 2;
const TEXT_HEIGHT = GLYPH_HEIGHT * TEXT_SCALE;
const LABEL_HEIGHT = TEXT_HEIGHT + 8;
const GROUP_GAP = 14;
/** Small groups get high rows and large ones low rows, so that all can be read. */
const ROW_HEIGHT: Readonly<Record<string, number>> = {
  mfcc: 5,
  chroma: 12,
  mel: 3,
  contrast: 14,
  tonnetz: 14,
};
const BACKGROUND: Rgb = [18, 18, 22];
const INK: Rgb = [220, 220, 228];

/** A 193 × 87 matrix as a PNG: the groups below each other with their names and scales, and time along the foot. */
export async function featuresPng(matrix: Float32Array): Promise<Buffer> {
  const views = groupViews(matrix);
  const heights = views.map((view) => view.rows * ROW_HEIGHT[view.name]!);
  const width = 2 * MARGIN + FRAME_COUNT * FRAME_WIDTH;
  const bodies = heights.reduce((sum, height) => sum + height + LABEL_HEIGHT + GROUP_GAP, 0);
  const height = 2 * MARGIN + bodies + TEXT_HEIGHT;
  const pixels = Buffer.alloc(width * height * 3);

  const fill = (left: number, top: number, w: number, h: number, rgb: Rgb) => {
    for (let y = top; y < top + h; y++) {
      for (let x = left; x < left + w; x++) pixels.set(rgb, (y * width + x) * 3);
    }
  };
  const write = (text: string, left: number, top: number) => {
    plotText(text, (x, y) => {
      fill(left + x * TEXT_SCALE, top + y * TEXT_SCALE, TEXT_SCALE, TEXT_SCALE, INK);
    });
  };

  fill(0, 0, width, height, BACKGROUND);
  let top = MARGIN;
  views.forEach((view, index) => {
    write(`${view.name} · ${view.rows} rows · ${scaleText(view)}`, MARGIN, top);
    top += LABEL_HEIGHT;
    const rowHeight = ROW_HEIGHT[view.name]!;
    for (let row = 0; row < view.rows; row++) {
      for (let frame = 0; frame < FRAME_COUNT; frame++) {
        const y = top + (view.rows - 1 - row) * rowHeight;
        fill(MARGIN + frame * FRAME_WIDTH, y, FRAME_WIDTH, rowHeight, colour(view.shade(row, frame)));
      }
    }
    top += heights[index]! + GROUP_GAP;
  });

  const durationSeconds = CLIP_SAMPLES / SAMPLE_RATE_HZ;
  for (let halfSeconds = 0; halfSeconds < 2 * durationSeconds; halfSeconds++) {
    const left = MARGIN + Math.round((halfSeconds / 2 / durationSeconds) * FRAME_COUNT * FRAME_WIDTH);
    fill(left, top - GROUP_GAP + 2, TEXT_SCALE, 6, INK);
    write(`${(halfSeconds / 2).toFixed(1)} s`, left, top);
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ palette: true })
    .toBuffer();
}
