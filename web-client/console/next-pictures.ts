import type { Control, ShowMessage } from '../../src/client/index.ts';
import { thumbnailUrl } from '../shared/addresses.ts';
import { fill, find, make } from '../shared/element.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import { explainFit } from './explain-fit.ts';
import type { Status } from './status.ts';

/** The pictures that come next should the music stay as it is, each a button that pins it. */
export class NextPictures {
  readonly #place = find('#next');
  readonly #send: (control: Control) => void;

  constructor(send: (control: Control) => void) {
    this.#send = send;
  }

  show(
    { upcoming, upcomingFits, target }: Pick<Status, 'upcoming' | 'upcomingFits' | 'target'>,
    message: ShowMessage | null,
    pictures: ReadonlyMap<string, GalleryEntry>,
  ): void {
    const key = upcoming.join();
    if (this.#place.dataset['key'] !== key) {
      this.#place.dataset['key'] = key;
      fill(this.#place, ...upcoming.map((id) => this.#button(id)));
    }
    if (message === null) return;
    [...this.#place.querySelectorAll('button')].forEach((button, i) => {
      const id = upcoming[i]!;
      const picture = pictures.get(id);
      const fitOfThis = upcomingFits[i] ?? null;
      const { label, meaning, fit } = explainFit(fitOfThis, message.show.state, target, picture);
      button.querySelector('.why')!.textContent = label;
      const bar = button.querySelector<HTMLElement>('.fit')!;
      bar.hidden = fit === null;
      bar.style.width = `${100 * (fit ?? 0)}%`;
      button.title = `${picture?.file ?? id}\n${meaning}\nA click pins it.`;
    });
  }

  #button(id: string): HTMLButtonElement {
    const button = make(
      'button',
      {},
      make('img', { src: thumbnailUrl(id), alt: '' }),
      make('span', { class: 'why' }),
      make('span', { class: 'fit' }),
    );
    button.addEventListener('click', () => {
      this.#send({ control: 'pin', image: id });
    });
    return button;
  }
}
