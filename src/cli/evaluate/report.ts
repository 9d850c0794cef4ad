import type { FigureBlock } from '../../report/evaluation/index.ts';
import type { Model } from '../../../models/serving/index.ts';
import { Progress } from '../progress.ts';
import type { FilesToEvaluate, RowReading, Split } from './labelled-files.ts';
import type { Measured } from './measure.ts';

/** What a report is of, beside what was measured. */
interface Evaluated extends Measured {
  readonly model: Model;
  readonly files: FilesToEvaluate;
  readonly split: Split;
  /** The kinds whose split the model has learnt from. */
  readonly learnt: readonly ('image' | 'music')[];
  /** The figures as they are printed. */
  readonly printed: readonly FigureBlock[];
}

/**
 * Checks that a report can be written into a folder, before anything is read.
 * @returns what writes it
 * @throws SynestheteError USAGE, WRITE_FAILED
 */
export async function reportInto(folder: string): Promise<(evaluated: Evaluated) => Promise<void>> {
  const { checkReportFolder, writeReport } = await import('../../report/evaluation/index.ts');
  await checkReportFolder(folder);
  return async ({ report, images, clips, firsts, model, files, split, learnt, printed }) => {
    const progress = new Progress('thumbnails', { total: images.length });
    const labelled = ({ row, reading }: RowReading) => ({ name: row.file, reading, label: row.rating! });
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
          of: { split, images: files.images?.manifest, music: files.music?.manifest, learnt },
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
