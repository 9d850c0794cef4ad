import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';

/*
 * Our TypeScript as JavaScript, for tests and scripts: types are only taken away (tsconfig's `erasableSyntaxOnly`), never checked.
 * What comes out is kept in .tap/erased. Each character stays where it was, so that stack traces need no source map.
 */

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEPT = join(ROOT, '.tap', 'erased');

/** What the JavaScript depends on besides its source. */
const maker = [
  readFileSync(fileURLToPath(import.meta.url), 'utf8'),
  require('ts-blank-space/package.json').version,
].join();

/**
 * @param {string} path of a TypeScript file
 * @returns {string} its JavaScript, as kept or made now
 */
export function erased(path) {
  const source = readFileSync(path, 'utf8');
  // A test may make one in a folder of its own, which is not worth keeping.
  const place = relative(ROOT, path);
  if (place.startsWith('..') || place.startsWith('.tap')) return erase(path, source);
  const kept = join(KEPT, place.replace(/ts$/, 'js'));
  const mark = `\n// ${createHash('sha256').update(maker).update(source).digest('hex')}\n`;
  try {
    const text = readFileSync(kept, 'utf8');
    if (text.endsWith(mark)) return text;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  const text = erase(path, source) + mark;
  mkdirSync(dirname(kept), { recursive: true });
  const beside = `${kept}.${process.pid}`;
  writeFileSync(beside, text);
  renameSync(beside, kept);
  return text;
}

function erase(path, source) {
  // Loaded where it is needed: it takes longer than the tests of many a file.
  const { default: blankSpace } = require('ts-blank-space');
  return blankSpace(source, (node) => {
    const text = source.slice(node.pos, node.end).trim();
    throw new Error(`${path}: this TypeScript can not be erased: ${text}`);
  });
}
