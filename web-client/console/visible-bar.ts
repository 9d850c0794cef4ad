/**
 * Keeps a bar that is fixed to the bottom of the page in the part of it that can be seen: above a keyboard on the
 * screen, and as large as ever while two fingers have made the page larger.
 */
export function keepInSight(bar: HTMLElement): void {
  // Firefox before 91 has none; its fixed bars stay above the keyboard.
  const view = window.visualViewport as VisualViewport | null | undefined;
  if (view === null || view === undefined) return;
  const place = (): void => {
    const below = document.documentElement.clientHeight - view.offsetTop - view.height;
    const isWhole = view.scale === 1 && Math.abs(below) < 1;
    bar.style.transform = isWhole
      ? ''
      : `translate(${view.offsetLeft}px, ${-below}px) scale(${1 / view.scale})`;
  };
  view.addEventListener('resize', place);
  view.addEventListener('scroll', place);
}
