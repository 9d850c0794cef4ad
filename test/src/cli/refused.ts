import { commandLine } from '../../../src/cli/command-line.ts';
import { report } from '../../../src/cli/terminal/failure.ts';

/**
 * What the program says to arguments that it refuses, and its exit code. It runs in this process, in a fraction of the time that a start takes: one
 * call at a time, for what is refused before any work begins.
 */
export async function refused(
  args: readonly string[],
): Promise<{ readonly code: number; readonly stderr: string }> {
  let stderr = '';
  const write = process.stderr.write.bind(process.stderr);
  process.stderr.write = (text: Uint8Array | string) => {
    stderr += text.toString();
    return true;
  };
  try {
    const program = await commandLine(args);
    await program.parseAsync(args, { from: 'user' });
    return { code: 0, stderr };
  } catch (error) {
    const code = report(error, false);
    return { code, stderr };
  } finally {
    process.stderr.write = write;
  }
}
