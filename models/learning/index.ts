export { cacheKey, defaultCacheFolder, DiskCache, type Tensors } from './cache.ts';
export { CATEGORY_COLUMNS, separation, sidesOf, type Separation } from './categories.ts';
export * from './corpora/index.ts';
export { evaluateModel, type Evaluation, type LabelledReading, type RatingFigures } from './evaluation.ts';
export { GALLERY_PICTURES, galleryFigures, randomGalleries } from './galleries.ts';
export * from './imemnet/index.ts';
export {
  entriesOfSplit,
  readManifest,
  SPLITS,
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
export {
  meanDistance,
  meanPoint,
  meanSimilarity,
  planePoints,
  similarity,
  type PlanePoint,
  type PlanePoints,
} from './plane.ts';
export { Random } from './random.ts';
export { parseScale, type Scale } from './scale.ts';
export type { TargetOf } from './ranking-figures.ts';
export { ShowGap, type ShowFigures } from './show-gap.ts';
