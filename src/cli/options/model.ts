import type { Command } from 'commander';
import type { Model } from '../../../models/model/index.ts';
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
 * Opens the model that was asked for, on the engine that was asked for.
 * @throws SynestheteError those of `openModel` and `openChosenEngine`
 */
export async function openChosenModel(options: ModelOptions): Promise<Model> {
  const { openModel } = await import('../../../models/families/index.ts');
  return openModel(options.model, { engine: await openChosenEngine(options) });
}

/** The first line of what a command that runs a model says. */
export function introduction(model: Model): string {
  const { architecture, date } = model.description;
  return `${architecture.name} of ${date.slice(0, 10)}, ${model.fingerprint.slice(0, 12)}, on ${model.engine}`;
}
