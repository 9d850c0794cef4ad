import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

/*
 * Loaded before tap: each test file then runs in a process of Node's own making. tap would load its account of all that a process has
 * loaded, of which coverage is made, its mocks of modules, and source maps, into every file's process and whatever that starts.
 * It takes longer than the tests of most files.
 */

const IS_TAPS = /@tapjs|^--enable-source-maps$/;

const { spawn } = childProcess;
childProcess.spawn = (command, args = [], options = {}) => {
  const env = { ...(options.env ?? process.env) };
  if (IS_TAPS.test(env['NODE_OPTIONS'] ?? '')) delete env['NODE_OPTIONS'];
  return spawn(
    command,
    args.filter((argument) => !IS_TAPS.test(argument)),
    { ...options, env },
  );
};
syncBuiltinESMExports();
