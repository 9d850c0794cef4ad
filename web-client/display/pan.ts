/** Of the screen's length, each second: slow enough to look at. */
const SPEED = 0.02;
const SHORTEST_MS = 20_000;

/**
 * Fills its box with a picture, and moves slowly from end to end over what doesn't fit. It begins in the middle, which
 * renditions for panning have at the most striking place.
 * @param image the decoded picture
 */
export function pan(element: HTMLElement, image: HTMLImageElement, box: DOMRect): void {
  const scale = Math.max(box.width / image.naturalWidth, box.height / image.naturalHeight);
  const width = image.naturalWidth * scale;
  const height = image.naturalHeight * scale;
  element.style.width = `${width}px`;
  element.style.height = `${height}px`;
  const x = box.width - width;
  const y = box.height - height;
  const distance = Math.max(-x / box.width, -y / box.height);
  const milliseconds = Math.max(SHORTEST_MS, (1000 * distance) / SPEED);
  element.animate([{ transform: 'translate(0px, 0px)' }, { transform: `translate(${x}px, ${y}px)` }], {
    duration: milliseconds,
    delay: -milliseconds / 2,
    direction: 'alternate',
    iterations: Infinity,
    easing: 'ease-in-out',
  });
}
