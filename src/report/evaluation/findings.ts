import type { Model } from '../../../models/model/index.ts';
import type { Evaluation, LabelledPrediction } from '../../../models/training/index.ts';

/** A clip with where it starts in its file. */
export interface LabelledClip extends LabelledPrediction {
  readonly startSeconds: number;
}

/** Lines of text, or the rows of a table: its head first, the names of its rows in the first column. */
export type FigureBlock = string | readonly (readonly string[])[];

/** Everything that a report of an evaluation shows. */
export interface EvaluationFindings {
  readonly model: Pick<Model, 'folder' | 'description' | 'fingerprint' | 'engine'>;
  readonly figures: Pick<Evaluation, 'n' | 'image' | 'music' | 'retrieval'>;
  /** The figures as `evaluate` prints them. */
  readonly printed: readonly FigureBlock[];
  /** Named by their files' paths. */
  readonly pictures: readonly LabelledPrediction[];
  readonly clips: readonly LabelledClip[];
  /** For each clip the index of the picture that ranks first; empty without pictures. */
  readonly firsts: readonly number[];
  readonly of: {
    readonly split: string;
    /** The manifests. */
    readonly images?: string | undefined;
    readonly music?: string | undefined;
    /** Sentences that say which figures show what the model remembers. */
    readonly inSample: readonly string[];
  };
  /** When the report is made, ISO 8601. */
  readonly date: string;
}
