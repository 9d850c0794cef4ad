import { fileURLToPath } from 'node:url';
import { erased } from './erase.js';

/** A hook of Node's that loads our TypeScript; packages' is none of ours. */
export function load(url, context, nextLoad) {
  if (!/\.ts$/.test(url) || !url.startsWith('file:')) return nextLoad(url, context);
  return { format: 'module', source: erased(fileURLToPath(url)), shortCircuit: true };
}
