import { find, make } from '../shared/element.ts';
import { keyOf } from '../shared/key.ts';
import { FIT_MEANING } from './explain-fit.ts';
import { HELP, keyName } from './keys.ts';

/** The other pages, in the help. */
const PAGES: readonly { readonly address: string; readonly meaning: string }[] = [
  {
    address: 'display',
    meaning: 'a screen: F on it is full screen, I shows its name, group and connection',
  },
  { address: 'listen', meaning: 'lets the show hear the microphone, or a tab, of the device that opens it' },
];

/** Fills the dialog, which the key ? and a button open. */
export function addHelp(): void {
  const dialog = find('#help');
  const rows = HELP.map(({ keys, meaning }) =>
    make(
      'tr',
      { 'data-keys': keys.join(' ') },
      make('td', {}, ...keys.map((key) => make('kbd', {}, keyName(key)))),
      make('td', {}, meaning),
    ),
  );
  const pages = PAGES.map(({ address, meaning }) =>
    make(
      'tr',
      {},
      make('td', {}, make('a', { href: address, target: '_blank' }, `/${address}`)),
      make('td', {}, meaning),
    ),
  );
  const close = make('button', {}, 'Close');
  const hide = (): void => {
    dialog.hidden = true;
  };
  close.addEventListener('click', hide);
  const sheet = make(
    'div',
    { class: 'sheet' },
    make('section', { class: 'keys' }, make('h2', {}, 'Keys'), make('table', {}, ...rows)),
    make(
      'section',
      {},
      make('h2', {}, 'Pages'),
      make('table', {}, ...pages),
      make(
        'p',
        {},
        'The cross in the plane is where the show looks for pictures: the mood after relative fit and push.',
      ),
      make('p', {}, 'Click or touch a dot of the plane, or a picture that comes next, to pin it.'),
      make(
        'p',
        {},
        'While you adjust moods (E), drag a dot to move its picture, or use Page Up and Page Down, the arrows and Enter. Escape leaves the picture where it was. Green dots have moods by hand.',
      ),
      make(
        'p',
        {},
        'Kept out holds the pictures that the classifier marks as unsafe or that somebody hides. They are blurred until you point at one, go to it by Tab, or tap it; Escape blurs it again.',
      ),
      make('p', {}, FIT_MEANING),
      close,
    ),
  );
  dialog.append(sheet);
  const toggle = (): void => {
    dialog.hidden = !dialog.hidden;
    if (dialog.hidden) return;
    // The dialog itself, none of its links: the keys keep their meaning.
    dialog.focus();
  };
  find('#help-open').addEventListener('click', toggle);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) hide();
  });
  addEventListener('keydown', (event) => {
    const { target } = event;
    if (keyOf(event) === '?' && !(target instanceof HTMLInputElement && target.type !== 'range')) toggle();
    if (event.key === 'Escape') hide();
  });
}
