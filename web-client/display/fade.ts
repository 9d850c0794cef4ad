/** The fade of each element that has not ended. Old browsers know neither `getAnimations` nor `finished`. */
const unfinished = new WeakMap<Element, Animation>();

/**
 * Fades an element to an opacity, from where an unfinished fade stands now.
 * @param onEnd called when the fade has ended, unless another one has replaced it; never on a page that is not drawn
 */
export function fade(
  element: Element,
  { from, to, milliseconds }: { readonly from?: number; readonly to: number; readonly milliseconds: number },
  onEnd: () => void = () => undefined,
): void {
  const start = from ?? Number(getComputedStyle(element).opacity);
  const animation = element.animate([{ opacity: start }, { opacity: to }], {
    duration: milliseconds,
    easing: 'ease-in-out',
    fill: 'forwards',
  });
  const last = unfinished.get(element);
  if (last !== undefined) {
    last.onfinish = null;
    last.cancel();
  }
  unfinished.set(element, animation);
  animation.onfinish = onEnd;
}
