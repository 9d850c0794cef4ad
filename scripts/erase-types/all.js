import { readdirSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import { join } from 'node:path';
import { erased } from './erase.js';

/* Erases the types of everything that tests load, in one process: each test's own would load the compiler first. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
for (const room of ['models', 'streams', 'src', 'web-client', 'bench', 'demo', 'scripts', 'test']) {
  for (const file of readdirSync(join(ROOT, room), { recursive: true })) {
    // What lies in kernels/ is AssemblyScript.
    if (/(?<!\.d)\.ts$/.test(file) && !/(^|\/)kernels\//.test(file)) erased(join(ROOT, room, file));
  }
}
