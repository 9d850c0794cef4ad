import type { RatingFigures } from '../../../models/learning/index.ts';
import type { EvaluationReport } from './evaluate.ts';

/** The figures as a table for people, with the constant predictor beside what the model reaches. */
export function evaluationTable(report: EvaluationReport): string {
  const { n, sigma, similarity, image, music, retrieval, categories } = report;
  const lines = [`${n.images} pictures, ${n.clips} clips, ${n.pairs} pairs, σ ${sigma.toFixed(4)}`];
  const rows: (readonly string[])[] = [];
  const rating = (name: string, figures: RatingFigures): void => {
    const { mse, mae, constantMse, r2, rankCorrelation } = figures;
    rows.push([
      name,
      mse.toFixed(4),
      constantMse.toFixed(4),
      mae.toFixed(3),
      '',
      r2.toFixed(3),
      rankCorrelation.toFixed(3),
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
  if (similarity !== null) {
    const { mse, mae, constantMse, constantMae } = similarity;
    rows.push([
      'similarity',
      mse.toFixed(4),
      constantMse.toFixed(4),
      mae.toFixed(3),
      constantMae.toFixed(3),
      '',
      '',
    ]);
  }
  if (rows.length > 0) {
    const head = ['', 'MSE', 'constant', 'MAE', 'constant', 'R²', 'rank corr.'];
    lines.push('', ...[head, ...rows].map(row));
  }
  if (retrieval !== null) {
    const { top1Distance, top5Distance, oracleDistance, randomDistance, gapClosed } = retrieval;
    lines.push(
      '',
      `true distance of the picture ranked first ${top1Distance.toFixed(3)}, of the first five ${top5Distance.toFixed(3)}`,
      `of the best possible ${oracleDistance.toFixed(3)}, of one by chance ${randomDistance.toFixed(3)}: ${gapClosed.toFixed(3)} of the gap closed`,
    );
  }
  for (const [name, figures] of [
    ['pictures', categories?.image],
    ['clips', categories?.music],
  ] as const) {
    if (figures === undefined) continue;
    lines.push(
      '',
      `${figures.n} ${name} with categories: AUC of valence ${figures.valenceAuc.toFixed(3)} (pleasant against unpleasant), of arousal ${figures.arousalAuc.toFixed(3)} (excited against calm)`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function row([name, ...cells]: readonly string[]): string {
  return `${name!.padEnd(16)}${cells.map((cell) => cell.padStart(11)).join('')}`.trimEnd();
}
