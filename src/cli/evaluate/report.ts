import type { Model } from '../../../models/model/index.ts';
import type { FigureBlock } from '../../report/evaluation/index.ts';
import { Progress } from '../terminal/progress.ts';
import type { FilesToEvaluate, RowPrediction, Split } from './labelled-files.ts';
import type { Measured } from './measure.ts';

/** What a report shows besides the measurements. */
interface Evaluated extends Measured {
  readonly model: Model;
  readonly files: FilesToEvaluate;
  readonly split: Split;
  /** See `inSampleLines`. */
  readonly inSample: readonly string[];
  /** The figures as they are printed. */
  readonly printed: readonly FigureBlock[];
}

/**
 * Checks that a report can be written into a folder, before anything is read.
 * @returns what writes it
 * @throws SynestheteError USAGE, WRITE_FAILED, BROKEN_INSTALL
 */
export async function reportInto(folder: string): Promise<(evaluated: Evaluated) => Promise<void>> {
  const { checkReport, writeReport } = await import('../../report/evaluation/index.ts');
  await checkReport(folder);
  return async ({ report, images, clips, firsts, model, files, split, inSample, printed }) => {
    const progress = new Progress('thumbnails', { total: images.length });
    const labelled = ({ row, prediction }: RowPrediction) => ({
      name: row.file,
      prediction,
      label: row.rating!,
    });
    try {
      await writeReport(
        folder,
        {
          model,
          figures: report,
          printed,
          pictures: images.map(labelled),
          clips: clips.map((of) => ({ ...labelled(of), startSeconds: of.clip!.startSeconds })),
          firsts,
          of: { split, images: files.images?.manifest, music: files.music?.manifest, inSample },
          date: new Date().toISOString(),
        },
        () => {
          progress.step();
        },
      );
    } finally {
      progress.stop();
    }
  };
}
