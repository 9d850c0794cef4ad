import type { ShowMessage } from '../../src/client/index.ts';
import { fill, find, make } from '../shared/element.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';

type Pictures = ReadonlyMap<string, GalleryEntry>;

/** Shows the picture of the main screen, in place of the one before once it is decoded. */
export function showPicture({ show: { image } }: ShowMessage, pictures: Pictures): void {
  const place = find('#on-show');
  if (image === null) {
    fill(place, make('p', {}, 'There is no picture that may be shown.'));
    return;
  }
  const picture = make('img', { src: image.url, alt: pictures.get(image.id)?.file ?? image.id });
  place.append(picture);
  picture.decode().then(
    () => {
      while (picture.previousSibling !== null) picture.previousSibling.remove();
    },
    () => {
      picture.remove();
    },
  );
}

/** Says of the picture on show its file, mood and time, and the mood of the music. */
export function showCaption({ show, time, mood }: ShowMessage, pictures: Pictures): void {
  const picture = show.image === null ? undefined : pictures.get(show.image.id);
  // Before any music its mood is unknown.
  const heard = mood.confidence === 0 ? '–' : `${mood.valence.toFixed(2)}, ${mood.arousal.toFixed(2)}`;
  find('#caption').textContent =
    picture === undefined
      ? ''
      : `${picture.file} · valence ${picture.valence.toFixed(2)}, arousal ${picture.arousal.toFixed(2)}` +
        `${picture.hand === null ? '' : ' by hand'} · ` +
        `on show for ${Math.max(0, time - show.since).toFixed(0)} s · music ${heard}`;
}
