import { join } from 'node:path';
import ts from 'typescript';

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/**
 * Checks the types of code as TypeScript, as if it were a module in a folder.
 * @param folder whose node_modules has what the code imports
 * @returns the errors, a line each; undefined where there are none
 */
export function typeErrors(folder: string, code: string): string | undefined {
  const path = join(folder, 'block.mts');
  const base = ts.createCompilerHost(OPTIONS);
  const host: ts.CompilerHost = {
    ...base,
    getCurrentDirectory: () => folder,
    fileExists: (name) => name === path || base.fileExists(name),
    readFile: (name) => (name === path ? code : base.readFile(name)),
    getSourceFile: (name, languageVersion, ...rest) =>
      name === path
        ? ts.createSourceFile(name, code, languageVersion, true)
        : base.getSourceFile(name, languageVersion, ...rest),
  };
  const program = ts.createProgram([path], OPTIONS, host);
  const errors = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (file === undefined || start === undefined) return text;
    return `line ${file.getLineAndCharacterOfPosition(start).line + 1}: ${text}`;
  });
  return errors.length === 0 ? undefined : errors.join('\n');
}
