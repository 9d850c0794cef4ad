import { build, STEPS } from './steps.ts';

/* Builds everything, as `npm run build`. */

try {
  await build(STEPS);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
