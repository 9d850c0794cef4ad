import type { ModelInfo } from '../../../streams/analysis/index.ts';
import { isVerbose, warn } from '../terminal/failure.ts';

/** What runs the model, for a person. */
export function engineLine({ engine }: Pick<ModelInfo, 'engine'>): string {
  return `the model runs on ${engine}`;
}

/** Says which engines were tried in vain and, with --verbose, which one runs the model. */
export function reportEngine(model: Pick<ModelInfo, 'engine' | 'fallbacks'>): void {
  for (const line of model.fallbacks) warn(line);
  if (isVerbose()) warn(engineLine(model));
}
