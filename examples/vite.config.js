import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  server: { host: '127.0.0.1' },
  resolve: {
    alias: {
      // Of this checkout, as `npm ci` in the folder above built it. Your own project has it by `npm install synesthete`.
      'synesthete/client': fileURLToPath(new URL('../dist/src/client/index.js', import.meta.url)),
    },
  },
});
