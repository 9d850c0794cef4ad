import { join } from 'node:path';
import { defineConfig } from 'vite';

const page = (...path: string[]): string => join(import.meta.dirname, ...path);

/** Three pages, for the server to hand out: the console at /, /display and /listen. */
export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: page('..', 'dist', 'web-client'),
    emptyOutDir: true,
    target: 'es2022',
    rolldownOptions: {
      input: [page('index.html'), page('display', 'index.html'), page('listen', 'index.html')],
    },
  },
  // The server's policy forbids what is not a file of its own.
  css: { transformer: 'postcss' },
  server: {
    proxy: {
      '/api': 'http://localhost:7400',
      '/stream': { target: 'ws://localhost:7400', ws: true },
      '/sound': { target: 'ws://localhost:7400', ws: true },
    },
  },
});
