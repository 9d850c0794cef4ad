import * as module from 'node:module';

/* For `node --import`: has Node run our TypeScript. */

// In the thread itself where this Node can (22.15 and later), otherwise in a thread for hooks.
if ('registerHooks' in module) {
  const { load } = await import('./hooks.js');
  module.registerHooks({ load });
} else {
  module.register('./hooks.js', import.meta.url);
}
