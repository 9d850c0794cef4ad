import { SynestheteError } from '../../../models/errors.ts';
import { SAMPLE_RATE_HZ } from '../../../models/features/index.ts';
import { ShowGap, type ManifestLine, type ShowFigures } from '../../../models/training/index.ts';
import { Random } from '../../../models/random.ts';
import {
  pictureVectors,
  UNSAFE_THRESHOLD,
  type Model,
  type PicturePrediction,
} from '../../../models/model/index.ts';
import { AnalysisPool, type ModelRecipe } from '../../../streams/analysis/index.ts';
import { DEFAULT_HOP_SAMPLES } from '../../../streams/clips/index.ts';
import { LEVEL_HOP_SAMPLES } from '../../../streams/levels/index.ts';
import {
  catalogueOf,
  DEFAULT_PROGRAM_SETTINGS,
  initialState,
  type ProgramSettings,
} from '../../../streams/program/index.ts';
import { fileSource } from '../../../streams/sources/index.ts';
import { Night, replay, type LabelledSong } from '../../replay/index.ts';
import { analysisProcesses } from '../shared/processes.ts';

/** Seed of the order of the songs, which is always the same for the same files. */
const SEED = 1;

/** A picture of the split, as the model sees it and as people do. */
interface ShowPicture {
  readonly row: ManifestLine;
  readonly prediction: PicturePrediction;
}

/** A file of music with its rows: the whole of it, or stretches. */
interface SongFile {
  readonly file: string;
  readonly rows: readonly ManifestLine[];
}

export interface ShowRequest {
  readonly pictures: readonly ShowPicture[];
  readonly music: readonly SongFile[];
  readonly ranking: Model['ranking'];
  /** How processes open the model. */
  readonly recipe: ModelRecipe;
  /** At most this many songs; by default all. */
  readonly songs?: number;
  /** Plays no more than the first seconds of each file. */
  readonly songSeconds?: number;
  /** In place of the program's defaults. */
  readonly settings?: Partial<ProgramSettings>;
}

/** Figures of a night, with the settings of the program that they depend on most. */
export interface NightFigures extends ShowFigures {
  readonly settings: Pick<
    ProgramSettings,
    'sensitivity' | 'minimumDwellSeconds' | 'maximumDwellSeconds' | 'smoothingSeconds' | 'fit' | 'noRepeat'
  >;
}

/**
 * Plays the songs as one night through the program that `replay` runs, as fast as it goes, with the pictures as its
 * gallery, each in a duplicate group of its own (near copies are not looked for).
 *
 * @param onSong called after each song.
 * @throws SynestheteError USAGE where no labelled moment was heard with a picture on show; those of files and the
 * model.
 */
export async function showGap(request: ShowRequest, onSong?: () => void): Promise<NightFigures> {
  const { pictures, music, ranking, recipe, songs: most = music.length, songSeconds } = request;
  const settings: ProgramSettings = { ...DEFAULT_PROGRAM_SETTINGS, ...request.settings };
  const pool = await AnalysisPool.start(analysisProcesses(), { model: recipe });
  try {
    pool.setPictures({
      count: pictures.length,
      vectors: pictureVectors(pictures, ranking.width, ({ prediction }) => ranking.pictureVector(prediction)),
      moods: Float32Array.from(
        pictures.flatMap(({ prediction }) => [prediction.valence, prediction.arousal]),
      ),
    });
    const order = Random.seeded(SEED, 'night').shuffle([...music]);
    const songs = order.slice(0, most).map(({ file, rows }): LabelledSong => ({
      labels: rows.map(({ startSeconds = 0, endSeconds = Infinity, rating }) => ({
        startSeconds,
        endSeconds,
        label: rating!,
      })),
      source: fileSource(file, {
        pace: 'consumed',
        blockSamples: LEVEL_HOP_SAMPLES,
        ready: () => pool.ready(),
        ...(songSeconds === undefined ? {} : { durationSeconds: songSeconds }),
      }),
    }));
    const night = new Night(songs, onSong);
    const gap = new ShowGap(
      pictures.map(({ row }) => row.rating!),
      LEVEL_HOP_SAMPLES / SAMPLE_RATE_HZ,
    );
    const catalogue = catalogueOf(
      pictures.map(({ prediction: { valence, arousal, unsafe } }, index) => ({
        id: String(index),
        bank: '',
        unsafe: unsafe >= UNSAFE_THRESHOLD,
        valence,
        arousal,
      })),
    );
    await new Promise<void>((resolve, reject) => {
      replay({
        sources: night.sources,
        analysis: pool,
        initial: initialState(settings, catalogue),
        hopSamples: DEFAULT_HOP_SAMPLES,
      }).subscribe({
        next: ({ level, step }) => {
          if (level === undefined) return;
          const image = step.state.screens[0]!.image;
          gap.add(image === null ? undefined : Number(image), night.labelAt(level.atSample));
        },
        complete: resolve,
        error: reject,
      });
    });
    if (gap.figures.seconds > 0) {
      const { sensitivity, minimumDwellSeconds, maximumDwellSeconds, smoothingSeconds, fit, noRepeat } =
        settings;
      return {
        ...gap.figures,
        settings: { sensitivity, minimumDwellSeconds, maximumDwellSeconds, smoothingSeconds, fit, noRepeat },
      };
    }
    throw new SynestheteError(
      'USAGE',
      `no labelled moment of the ${songs.length} songs came with a picture on show: they are silent, shorter than a clip of 2 s, or --song-seconds ends before their labelled stretches`,
    );
  } finally {
    await pool.close();
  }
}
