import type { Command } from 'commander';
import type { Model } from '../../../models/model/index.ts';
import type { ModelRecipe } from '../../../streams/analysis/index.ts';
import { isVerbose } from '../terminal/failure.ts';
import { inGroup } from '../terminal/help.ts';
import { addEngineOptions, openChosenEngine, type EngineOptions } from './engine.ts';

export interface ModelOptions extends EngineOptions {
  readonly model?: string;
}

/** The heading of the options that choose the model. */
export const MODEL_GROUP = 'Model:';

/** Adds the options that choose the model, and what runs it. */
export function addModelOptions(command: Command): Command {
  return inGroup(command, MODEL_GROUP, () => {
    command.option(
      '--model <folder>',
      'the model: the folder of its model.json (default: the one that is built in)',
    );
    addEngineOptions(command);
  });
}

/**
 * Opens the chosen model on the chosen engine.
 * @throws SynestheteError those of `openModel` and `openChosenEngine`
 */
export async function openChosenModel(options: ModelOptions): Promise<Model> {
  const { openModel } = await import('../../../models/families/index.ts');
  return openModel(options.model, { engine: await openChosenEngine(options) });
}

/** Gives the recipe by which analysis processes open the model in a folder, or the built-in one. */
export type RecipeOf = (folder: string | undefined, options: ModelOptions) => Promise<ModelRecipe>;

/** The recipe of a model in its folder, or of the built-in one, on the engine that the options choose. */
export async function chosenRecipe(folder: string | undefined, options: ModelOptions): Promise<ModelRecipe> {
  const { modelRecipe } = await import('../../../streams/analysis/index.ts');
  const { engine, threads, tensorflowBackend } = options;
  return modelRecipe({
    engine,
    isVerbose: isVerbose(),
    ...(folder === undefined ? {} : { folder }),
    ...(threads === undefined ? {} : { threads }),
    ...(tensorflowBackend === undefined ? {} : { tensorflowBackend }),
  });
}

/** The first line of what a command that runs a model says. */
export function introduction(model: Model): string {
  const { architecture, date } = model.description;
  return `${architecture.name} of ${date.slice(0, 10)}, ${model.fingerprint.slice(0, 12)}, on ${model.engine}`;
}
