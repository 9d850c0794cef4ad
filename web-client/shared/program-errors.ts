import { messageOf } from '../../models/errors.ts';

/** Calls this with what the page's own program fails at, one line each, and says that the program has started. */
export function onProgramError(handle: (line: string) => void): void {
  addEventListener('error', ({ error, message }: ErrorEvent) => {
    handle(oneLine(error === null || error === undefined ? message : messageOf(error)));
  });
  addEventListener('unhandledrejection', ({ reason }: PromiseRejectionEvent) => {
    handle(oneLine(messageOf(reason)));
  });
}

/** Call it at the end of a page's program: public/lacks.js speaks for a program that doesn't get there. */
export function markStarted(): void {
  document.documentElement.dataset['started'] = '';
}

/** Whether public/lacks.js has said that this browser can't run the page. */
export function isLacking(): boolean {
  return document.documentElement.dataset['lacks'] !== undefined;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
