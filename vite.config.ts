import { join } from 'node:path';
import { defineConfig } from 'vite';

const page = (...path: string[]): string => join(import.meta.dirname, 'web-client', ...path);

/** The web client: three pages for the server to hand out, the console at /, /display and /listen. */
export default defineConfig({
  root: page(),
  // Relative addresses: a proxy may serve the pages below a path.
  base: './',
  build: {
    outDir: join(import.meta.dirname, 'dist', 'web-client'),
    emptyOutDir: true,
    // The browsers of televisions, boxes and old telephones. public/lacks.js and the documents name them too.
    target: ['chrome79', 'safari14', 'firefox78'],
    rolldownOptions: {
      // A page takes single functions of the program, without the schemas and the state machine beside them.
      treeshake: { moduleSideEffects: [{ test: /\/streams\//u, sideEffects: false }] },
      input: [page('index.html'), page('display.html'), page('listen.html')],
    },
  },
});
