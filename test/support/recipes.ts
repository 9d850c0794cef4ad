import type { ModelRecipe } from '../../streams/analysis/index.ts';
import type { FragileSettings } from './fragile-model.ts';

/** How processes open the formula model. */
export function formulaRecipe(settings: FragileSettings = {}): ModelRecipe {
  return { module: new URL('./fragile-model.ts', import.meta.url).href, settings };
}
