import type { Command } from 'commander';
import { addCorpusCommands } from './corpora.ts';
import { addCheckCommand, addImemnetCommand } from './imemnet.ts';

/** `synesthete dataset …`: from published tables to manifests, from manifests to IMEMNet's pairs. */
export function addDatasetCommand(program: Command): void {
  const dataset = program
    .command('dataset')
    .description('make manifests of published ratings, and pairs of pictures and clips of manifests');
  addCorpusCommands(dataset);
  addImemnetCommand(dataset);
  addCheckCommand(dataset);
}
