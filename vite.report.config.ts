import { join } from 'node:path';
import { defineConfig } from 'vite';

/** The script and the style of the page that `evaluate --report` writes, which puts both into the page itself. */
export default defineConfig({
  build: {
    outDir: join(import.meta.dirname, 'dist', 'report'),
    emptyOutDir: true,
    target: 'es2022',
    lib: {
      entry: join(import.meta.dirname, 'web-client', 'report', 'report.ts'),
      name: 'report',
      formats: ['iife'],
      fileName: () => 'report.js',
      cssFileName: 'report',
    },
  },
});
