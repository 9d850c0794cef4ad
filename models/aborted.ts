/** Whether the signal is aborted now: read again at each call, unlike a property that TypeScript has narrowed. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
