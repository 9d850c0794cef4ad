/** Run by tests that kill it as a process of its own. */
import { reportAndExit } from '../../../../src/cli/terminal/failure.ts';
import { endOnInterruption } from '../../../../src/cli/terminal/interruption.ts';
import { indexProgram } from './index-program.ts';

endOnInterruption();
try {
  await indexProgram().parseAsync(['index', ...process.argv.slice(2)], { from: 'user' });
} catch (error) {
  reportAndExit(error, false);
}
