/** Makes an element with attributes and children; text is never read as HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Puts these children in place of those that an element has. */
export function fill(element: Element, ...children: (Node | string)[]): void {
  while (element.firstChild !== null) element.firstChild.remove();
  element.append(...children);
}

/** Finds an element that the page must have. @throws Error where it is missing */
export function find(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
}

/** Makes a canvas as large as its box, in the screen's own pixels; `draw` gets its size in CSS pixels. */
export function fitted(
  canvas: HTMLCanvasElement,
  draw: (context: CanvasRenderingContext2D, width: number, height: number) => void,
): void {
  const { clientWidth, clientHeight } = canvas;
  const scale = devicePixelRatio;
  const wide = Math.round(clientWidth * scale);
  const high = Math.round(clientHeight * scale);
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const context = canvas.getContext('2d')!;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, clientWidth, clientHeight);
  draw(context, clientWidth, clientHeight);
}
