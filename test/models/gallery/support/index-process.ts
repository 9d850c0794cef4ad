/** Run by tests as a process of its own: `index` with the model by formula, a few milliseconds for each picture. */
import { Command } from 'commander';
import { addIndexCommand } from '../../../../src/cli/index-gallery.ts';
import { reportAndExit } from '../../../../src/cli/terminal/failure.ts';
import { endOnInterruption } from '../../../../src/cli/terminal/interruption.ts';
import { formulaModel } from '../../../support/formula-model.ts';

const program = new Command('synesthete');
const model = formulaModel();
addIndexCommand(program, () =>
  Promise.resolve({
    ...model,
    async readPictures(pixels) {
      await new Promise((resolve) => setTimeout(resolve, 5 * pixels.length));
      return model.readPictures(pixels);
    },
  }),
);
endOnInterruption();
try {
  await program.parseAsync(['node', 'synesthete', 'index', ...process.argv.slice(2)]);
} catch (error) {
  reportAndExit(error, false);
}
