import process from 'node:process';

/*
 * For tests: processes that they start are not loaded with tap's account of what each has loaded, of which coverage is made. It
 * doubles the time of a short command.
 */

const IS_TAPS = /@tapjs/;

// Undoes what tap has done to child_process.
globalThis[Symbol.for('process-on-spawn@*:singletonId')]?.unwrap();
if (IS_TAPS.test(process.env['NODE_OPTIONS'] ?? '')) delete process.env['NODE_OPTIONS'];
// Tests hand these on, where what they start is TypeScript.
const own = process.execArgv.filter(
  (argument) => !IS_TAPS.test(argument) && argument !== '--enable-source-maps',
);
process.execArgv.splice(0, process.execArgv.length, ...own);
