import { messageOf } from '../../models/errors.ts';
import { find } from '../shared/element.ts';

const NOTICE_MS = 6000;

let noticeTimer = 0;

/** Shows a line at the top of the page for 6 s. */
export function notice(text: string): void {
  const place = find('#notice');
  place.textContent = text;
  place.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = window.setTimeout(() => {
    place.hidden = true;
  }, NOTICE_MS);
}

/** Shows why something failed, should it fail. */
export function noticeFailure(done: Promise<unknown>): void {
  done.catch((error: unknown) => {
    notice(messageOf(error));
  });
}
