import { openEngine, parseEngineName } from '../../models/engine/index.ts';
import { openModel } from '../../models/families/index.ts';
import { type Model } from '../../models/model/index.ts';
import type { ModelRecipe } from './messages.ts';

/** Which model, and what runs it. */
interface ModelSettings {
  /** The folder of its model.json; the one that is built in unless set. */
  readonly folder?: string;
  /** One of the names of engines. */
  readonly engine: string;
  readonly threads?: number;
  readonly tensorflowBackend?: string;
  /** Whether to tell also that there is no GPU. */
  readonly isVerbose?: boolean;
}

/** How a process opens a model from its folder. */
export function modelRecipe(settings: ModelSettings): ModelRecipe {
  return { module: import.meta.url, settings };
}

/**
 * What the process does with the recipe.
 * @public it is found by its module's name
 */
export async function open(
  { folder, engine, threads, tensorflowBackend, isVerbose = false }: ModelSettings,
  onFallback: (line: string) => void,
): Promise<Model> {
  const opened = await openEngine(parseEngineName(engine), {
    ...(threads === undefined ? {} : { threads }),
    ...(tensorflowBackend === undefined ? {} : { tensorflowBackend }),
    onFallback,
    isVerbose,
  });
  return openModel(folder, { engine: opened });
}
