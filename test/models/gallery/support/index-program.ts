import { Command } from 'commander';
import { addIndexCommand } from '../../../../src/cli/index-gallery.ts';
import { formulaModel } from '../../../support/formula-model.ts';

/** `index` with the model by formula, a few milliseconds for each picture. */
export function indexProgram(): Command {
  const program = new Command('synesthete');
  const model = formulaModel();
  addIndexCommand(program, () =>
    Promise.resolve({
      ...model,
      async embedPictures(pixels) {
        await new Promise((resolve) => setTimeout(resolve, 5 * pixels.length));
        return model.embedPictures(pixels);
      },
    }),
  );
  return program;
}
