import { SynestheteError, type ErrorCode } from '../../models/errors.ts';

/** The message of the SynestheteError that `action` fails with; anything else is thrown on. */
export async function failure(code: ErrorCode, action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof SynestheteError) || error.code !== code) throw error;
    if (error.message.includes('\n')) throw new Error(`not one line: ${error.message}`, { cause: error });
    return error.message;
  }
  throw new Error(`nothing failed, ${code} was due`);
}
