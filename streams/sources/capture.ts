import { SynestheteError } from '../../models/errors.ts';
import { isShortage, startFailure } from '../../models/start-process.ts';
import { startChild } from './child.ts';
import type { Clock } from './clock.ts';
import { titleOf, type CaptureBackend, type Device } from './devices/device.ts';
import type { PcmFormat } from './pcm.ts';
import { OVERDUE, within } from './watch.ts';

/** A working device delivers every few milliseconds; after this silence it is lost. */
export const LOST_AFTER_MS = 1500;

/** Opening may take longer on a busy machine; after this time it is tried again. */
export const OPENED_WITHIN_MS = 5000;

/** What the shell that guards a capture program returns when it finds no such program, or may not start it. */
const NOT_STARTED: ReadonlySet<number | null> = new Set([126, 127]);

const PACKAGES: Readonly<Record<string, string>> = { parec: 'pulseaudio-utils', arecord: 'alsa-utils' };

interface CaptureOptions {
  readonly clock: Clock;
  /** Ends the capture. */
  readonly signal: AbortSignal;
  /** That many channels of the device are needed, where the backend does not give all anyway. */
  readonly leastChannels?: number;
  readonly openedWithinMs?: number;
  readonly onFormat?: (format: PcmFormat | 'wav') => void;
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Opening takes long. */
  readonly onSlow?: () => void;
  /** Sound was lost before the next bytes. */
  readonly onOverrun?: (lostMs: number) => void;
}

/** Why a capture ended. */
interface CaptureEnd {
  readonly reason: string;
  /** Whether the sound system offered another device instead. */
  readonly isMoved?: boolean;
  /** Where its program can't be started: what to install. */
  readonly missing?: SynestheteError | undefined;
}

/**
 * Captures from a device once: until it stops delivering, disappears, or `signal` is aborted. Ends the capture program, and
 * resolves when that is gone. Rejects with what `onBytes` throws.
 */
export async function captureFrom(
  backend: CaptureBackend,
  device: Device,
  options: CaptureOptions,
): Promise<CaptureEnd> {
  const { signal, onBytes, onOverrun } = options;
  const capture = await backend.capture(device, options.leastChannels);
  const closing = new AbortController();
  let movedTo: string | undefined;
  let complaint: string | undefined;
  let lostMs = 0;
  const child = startChild(capture.program, capture.args, {
    signal: AbortSignal.any([signal, closing.signal]),
    ...(capture.env === undefined ? {} : { env: capture.env }),
    guarded: true,
    onErrorLine: (line) => {
      const notice = capture.notice(line);
      if (notice?.kind === 'complaint') complaint = notice.text;
      if (notice?.kind === 'overrun') lostMs += notice.lostMs;
      if (notice?.kind !== 'listening' || notice.device === device.name) return;
      movedTo = notice.device;
      closing.abort();
    },
  });
  const bytes = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let came = false;
  options.onFormat?.(capture.format);
  try {
    for (;;) {
      const come = await next(bytes, came, options);
      if (signal.aborted) break;
      if (come === OVERDUE) return { reason: 'no sound arrives from it' };
      if (closing.signal.aborted || come.done === true) break;
      if (lostMs > 0) onOverrun?.(lostMs);
      lostMs = 0;
      came = true;
      onBytes(come.value);
    }
    if (signal.aborted) return { reason: 'it is no longer listened to' };
    // It ends by itself, or has been ended: what it says last is why.
    const { code, failure } = await child.ended;
    if (isShortage(failure)) return { reason: startFailure(capture.program, failure).message };
    const notStarted = failure !== undefined || NOT_STARTED.has(code);
    return {
      reason:
        movedTo === undefined
          ? (complaint ?? `${capture.program} ended${code === null ? '' : ` with code ${code}`}`)
          : `it is gone (${movedTo} was offered instead)`,
      isMoved: movedTo !== undefined,
      missing: notStarted ? missing(capture.program, device) : undefined,
    };
  } finally {
    closing.abort();
    await child.ended;
  }
}

/** The next bytes. Reports an opening that takes long. */
async function next(
  bytes: AsyncIterator<Uint8Array>,
  delivered: boolean,
  { clock, signal, onSlow, openedWithinMs = OPENED_WITHIN_MS }: CaptureOptions,
): Promise<IteratorResult<Uint8Array> | typeof OVERDUE> {
  const coming = bytes.next().catch((): IteratorResult<Uint8Array> => ({ done: true, value: undefined }));
  const come = await within(coming, LOST_AFTER_MS, clock, signal);
  if (come !== OVERDUE || delivered || signal.aborted) return come;
  onSlow?.();
  const leftMs = openedWithinMs - LOST_AFTER_MS;
  return leftMs > 0 ? within(coming, leftMs, clock, signal) : OVERDUE;
}

function missing(program: string, device: Device): SynestheteError {
  return new SynestheteError(
    'PROGRAM_MISSING',
    `${program} is needed to hear ${titleOf(device)}, but can't be started: install ${PACKAGES[program] ?? 'it'}`,
  );
}
