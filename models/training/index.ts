export { calibration, DEVIATIONS, normalWithin } from './calibration.ts';
export { CATEGORY_COLUMNS, separation, sidesOf, type Separation } from './categories.ts';
export * from './corpora/index.ts';
export {
  evaluateModel,
  listedPairFigures,
  type Evaluation,
  type ListedPairFigures,
  type RatingFigures,
} from './evaluation.ts';
export { GALLERY_PICTURES, galleryFigures, randomGalleries } from './galleries.ts';
export * from './imemnet/index.ts';
export type { LabelledPrediction } from './labelled.ts';
export { lineChart, type Curve } from './line-chart.ts';
export {
  entriesOfSplit,
  readManifest,
  writeManifest,
  type Manifest,
  type ManifestEntry,
  type ManifestLine,
  type ManifestOptions,
} from './manifest.ts';
export {
  areaUnderCurve,
  rankCorrelation,
  regressionMetrics,
  retrievalMetrics,
  similarityMetrics,
} from './metrics.ts';
export { LEAST_FILES, projectEmbeddings, type EmbeddedItem, type Projections } from './projections.ts';
export { SPLITS } from './split.ts';
export type { Medium } from './moods-manifest.ts';
export { parseScale, type Scale } from './scale.ts';
export type { TargetOf } from './ranking-figures.ts';
export { ShowGap, type ShowFigures } from './show-gap.ts';
