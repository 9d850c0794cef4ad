import { basename } from 'node:path';
import type { RatingFigures } from '../../../models/training/index.ts';
import type { FigureBlock } from '../../report/evaluation/index.ts';
import { wrapped } from '../terminal/wrap.ts';
import type { EvaluationReport } from './measure.ts';

/** How many of the pictures that are first most often are named. */
const NAMED = 3;
/** Between two columns of a table: seven columns of numbers fit into 80 characters. */
const COLUMN_GAP = 2;

/** The figures for people, as they are printed: lines of at most `width` characters, as far as words allow. */
export function evaluationTable(report: EvaluationReport, width = Infinity): string {
  const lines = evaluationBlocks(report).flatMap((block, i) => {
    const text = typeof block === 'string' ? wrapped(block, width).split('\n') : tableLines(block);
    return i === 0 ? text : ['', ...text];
  });
  return `${lines.join('\n')}\n`;
}

/** The figures for people, with the constant predictor beside what the model reaches: lines, and tables with a head. */
export function evaluationBlocks(report: EvaluationReport): FigureBlock[] {
  const { n, sigma, similarity, pairs, image, music, retrieval, firstCounts, galleries, show, categories } =
    report;
  const listed = pairs === undefined ? '' : ` (${pairs.n} listed)`;
  const counted = (of: 'images' | 'clips', name: string): string =>
    `${n[of]} ${name}${n.withBoth[of] < n[of] ? ` (${n.withBoth[of]} with both ratings)` : ''}`;
  const blocks: FigureBlock[] = [
    `${counted('images', 'pictures')}, ${counted('clips', 'clips')}, ${n.pairs} pairs${listed}, σ ${sigma.toFixed(4)}\n` +
      'σ is the mean distance of pictures and clips of the training; similarity is exp(−distance / σ)',
  ];
  const rows: (readonly string[])[] = [];
  const rating = (name: string, figures: RatingFigures | null): void => {
    if (figures === null) return;
    const { n: of, mse, mae, constantMse, r2, rankCorrelation } = figures;
    rows.push([
      name,
      mse.toFixed(4),
      constantMse.toFixed(4),
      mae.toFixed(3),
      '',
      r2.toFixed(3),
      rankCorrelation.toFixed(3),
      String(of),
    ]);
  };
  if (image !== null) {
    rating('picture valence', image.valence);
    rating('picture arousal', image.arousal);
  }
  if (music !== null) {
    rating('music valence', music.valence);
    rating('music arousal', music.arousal);
  }
  for (const [name, figures, of] of [
    ['similarity', similarity, n.pairs],
    ['of listed pairs', pairs, pairs?.n],
  ] as const) {
    if (figures === null || figures === undefined) continue;
    const { mse, mae, constantMse, constantMae } = figures;
    const errors = [mse.toFixed(4), constantMse.toFixed(4), mae.toFixed(3), constantMae.toFixed(3)];
    rows.push([name, ...errors, '', '', String(of)]);
  }
  if (rows.length > 0) {
    blocks.push([['', 'MSE', 'constant', 'MAE', 'constant', 'R²', 'rank corr', 'of'], ...rows]);
  }
  if (retrieval !== null) {
    const { top1Distance, top5Distance, top12Distance, oracleDistance, randomDistance, gapClosed } =
      retrieval;
    blocks.push(
      `true distance of the picture ranked first ${top1Distance.toFixed(3)}, of the first five ${top5Distance.toFixed(3)}, of the first twelve ${top12Distance.toFixed(3)}\n` +
        `of the best possible ${oracleDistance.toFixed(3)}, of one by chance ${randomDistance.toFixed(3)}: ${gapClosed.toFixed(3)} of the gap closed`,
    );
  }
  if (firstCounts !== null) {
    const { distinct, largestShare, most } = firstCounts;
    const often = most.slice(0, NAMED).map(({ picture, clips }) => `${basename(picture)} ${clips}`);
    blocks.push(
      `${distinct} of ${n.withBoth.images} pictures are first for some clip, the most frequent one for ${percent(largestShare)} of them: ${often.join(', ')}`,
    );
  }
  if (galleries !== null) {
    const ranked = (['plain', 'relative', 'own'] as const).map((name) => {
      const { mean, sd, first } = galleries[name];
      return [name, mean.toFixed(3), sd.toFixed(3), first.toFixed(1)];
    });
    blocks.push([['galleries of 40', 'gap closed', 'deviation', 'first'], ...ranked]);
  }
  if (show !== undefined) {
    const { gapClosed, rValence, rArousal, pictures, changes, seconds, settings } = show;
    const { minimumDwellSeconds, maximumDwellSeconds, smoothingSeconds, sensitivity, fit, noRepeat } =
      settings;
    blocks.push(
      `a night of ${(seconds / 60).toFixed(1)} min: ${gapClosed.toFixed(3)} of the gap closed by the picture on show; correlation over time of valence ${rValence.toFixed(3)}, of arousal ${rArousal.toFixed(3)}; ${pictures} pictures, ${changes} changes\n` +
        `played with dwell ${minimumDwellSeconds}-${maximumDwellSeconds} s, smoothing ${smoothingSeconds} s, sensitivity ${sensitivity}, fit ${fit}, none of the last ${noRepeat} pictures again`,
    );
  }
  for (const [name, figures] of [
    ['pictures', categories?.image],
    ['clips', categories?.music],
  ] as const) {
    if (figures === undefined) continue;
    blocks.push(
      `${figures.n} ${name} with categories: AUC of valence ${figures.valenceAuc.toFixed(3)} (pleasant against unpleasant), of arousal ${figures.arousalAuc.toFixed(3)} (excited against calm)`,
    );
  }
  return blocks;
}

function percent(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}

function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(([name, ...cells]) =>
    [name!.padEnd(widths[0]!), ...cells.map((cell, i) => cell.padStart(widths[i + 1]! + COLUMN_GAP))]
      .join('')
      .trimEnd(),
  );
}
