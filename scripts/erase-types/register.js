import * as module from 'node:module';
import { fileURLToPath } from 'node:url';
import process from 'node:process';

/* For `node --import`: has Node run our TypeScript. */

// In the thread itself where this Node can (22.15 and later).
if ('registerHooks' in module) {
  const { load } = await import('./hooks.js');
  module.registerHooks({ load });
} else if (process.execArgv.includes('--expose-internals')) {
  await useInternals();
} else {
  module.register('./hooks.js', import.meta.url);
}

/**
 * Earlier Nodes have a thread for hooks, which costs a millisecond for every module that is loaded, packages' included: half of what
 * most test files take. `npm test` starts such a Node with its internals in reach. The last of them is Node 20, which changes no more.
 */
async function useInternals() {
  const { erased } = await import('./erase.js');
  const require = module.createRequire(import.meta.url);
  const internal = (name) => require(`internal/modules/esm/${name}`);
  const { extensionFormatMap } = internal('formats');
  const { translators } = internal('translators');
  const translate = translators.get('module');
  extensionFormatMap['.ts'] = 'module';
  translators.set('module', function (url, source, ...more) {
    const text = url.startsWith('file:') && url.endsWith('.ts') ? erased(fileURLToPath(url)) : source;
    return translate.call(this, url, text, ...more);
  });
}
