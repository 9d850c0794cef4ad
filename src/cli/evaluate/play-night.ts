import { SynestheteError } from '../../../models/errors.ts';
import type { Model, PicturePrediction } from '../../../models/model/index.ts';
import { Progress } from '../terminal/progress.ts';
import { hasBoth, requestsOf, type FilesToEvaluate } from './labelled-files.ts';
import type { Predictions } from './predict-files.ts';
import type { NightFigures, ShowRequest } from './show.ts';

export type NightOptions = Pick<ShowRequest, 'recipe' | 'songs' | 'songSeconds' | 'settings'>;

/**
 * Plays a night of what could be read and has both ratings, with a progress bar.
 * @throws SynestheteError USAGE where no file has both
 */
export async function playNight(
  files: FilesToEvaluate,
  { images = [], music = [] }: Predictions,
  { ranking }: Model,
  show: NightOptions,
): Promise<NightFigures> {
  const { showGap } = await import('./show.ts');
  const heard = new Set(music.map(({ row }) => row.file));
  const rows = files.music!.rows.filter(hasBoth);
  const songs = requestsOf({ ...files.music!, rows }).filter(({ file }) => heard.has(file));
  const pictures = images.flatMap(({ row, prediction }) =>
    hasBoth(row) ? [{ row, prediction: prediction as PicturePrediction }] : [],
  );
  if (songs.length === 0 || pictures.length === 0) {
    const manifest = songs.length === 0 ? files.music!.manifest : files.images!.manifest;
    throw new SynestheteError(
      'USAGE',
      `--show compares places in the plane: ${manifest} has no row of the split that could be read and has both valence and arousal`,
    );
  }
  const count = Math.min(songs.length, show.songs ?? Infinity);
  const progress = new Progress('songs', { total: count });
  try {
    return await showGap({ ...show, pictures, music: songs, ranking }, () => {
      progress.step();
    });
  } finally {
    progress.stop();
  }
}
