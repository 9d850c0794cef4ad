export { AnalyserGroup } from './analyser-group.ts';
export { Analyser, type Analysis } from './analyser.ts';
export type { ModelInfo, ModelRecipe } from './messages.ts';
export { AnalysisPool } from './pool.ts';
export { SupervisedAnalyser, type AnalysisStatus } from './supervised.ts';
export { modelRecipe } from './open-model.ts';
