import childProcess from 'node:child_process';
import * as module from 'node:module';
import process from 'node:process';

/*
 * Loaded before tap: each test file then runs in a process of Node's own making. tap would load its account of all that a process has
 * loaded, of which coverage is made, its mocks of modules, and source maps, into every file's process and whatever that starts.
 * It takes longer than the tests of most files.
 */

const IS_TAPS = /@tapjs|^--enable-source-maps$/;
/** See scripts/erase-types/register.js. */
const IN_THREAD = 'registerHooks' in module ? [] : ['--expose-internals'];

const { spawn } = childProcess;
childProcess.spawn = (command, args = [], options = {}) => {
  const env = { ...(options.env ?? process.env) };
  if (IS_TAPS.test(env['NODE_OPTIONS'] ?? '')) delete env['NODE_OPTIONS'];
  const own = args.filter((argument) => !IS_TAPS.test(argument));
  return spawn(command, command === process.execPath ? [...IN_THREAD, ...own] : own, { ...options, env });
};
module.syncBuiltinESMExports();
