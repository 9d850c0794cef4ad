import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, SourceMap } from 'node:module';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';

/*
 * Our TypeScript as JavaScript, for tests and scripts: types are only taken away (tsconfig's `erasableSyntaxOnly`), never checked.
 * What comes out is kept in .tap/erased. Each line stays where it was: stack traces need no source map then, and Node would
 * decode those of all packages too.
 */

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEPT = join(ROOT, '.tap', 'erased');

/** What the JavaScript depends on besides its source. */
const maker = [
  readFileSync(fileURLToPath(import.meta.url), 'utf8'),
  require('typescript/package.json').version,
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
  const ts = require('typescript');
  const { outputText, sourceMapText } = ts.transpileModule(source, {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: true,
      sourceMap: true,
    },
  });
  return linesInPlace(outputText, new SourceMap(JSON.parse(sourceMapText)), linesOfText(ts, outputText));
}

/** Indices of the lines that begin inside a text of several lines, which are to stay as they are. */
function linesOfText(ts, javaScript) {
  const file = ts.createSourceFile('erased.js', javaScript, ts.ScriptTarget.ES2023);
  const lines = new Set();
  const visit = (node) => {
    if (
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node) ||
      ts.isNoSubstitutionTemplateLiteral(node)
    ) {
      const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
      const last = file.getLineAndCharacterOfPosition(node.end).line;
      for (let line = first + 1; line <= last; line++) lines.add(line);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return lines;
}

/** Moves each line to where it was in the source: TypeScript leaves some out, and writes `if (a) b();` on two lines. */
function linesInPlace(text, map, linesOfText) {
  const written = text.split('\n');
  const placeOf = (index) => {
    const { generatedLine, originalLine } = map.findEntry(index, Math.max(0, written[index].search(/\S/)));
    return generatedLine === index ? originalLine : undefined;
  };
  const lines = [];
  for (const [index, line] of written.entries()) {
    if (line.startsWith('//# sourceMappingURL=')) break;
    const place = placeOf(index);
    if (linesOfText.has(index)) lines.push(line);
    // What has no place itself, such as `else`, must not push what follows out of its own.
    else if (lines.length > (place ?? placeOf(index + 1) ?? Infinity))
      lines.push(`${lines.pop()} ${line.trim()}`);
    else {
      while (lines.length < (place ?? 0)) lines.push('');
      lines.push(line);
    }
  }
  return lines.join('\n');
}
