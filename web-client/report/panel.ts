import type { GroupName, PageData, PanelSpec } from '../../src/report/evaluation/page-data/index.ts';
import { fitted } from '../shared/element.ts';
import { oncePerFrame } from '../shared/frame.ts';
import { Plot, variable } from './plot.ts';
import type { Points } from './points.ts';
import { ramp, type Colour } from './ramp.ts';
import { press, stamp } from './stamp.ts';

/** A picture or a clip. */
export interface Item {
  readonly group: GroupName;
  readonly index: number;
}

/** What all panels of the page have in common. */
export interface View {
  readonly points: Readonly<Record<GroupName, Points>>;
  readonly colours: PageData['colours'];
  /** Groups that the embeddings show. */
  readonly visible: ReadonlySet<GroupName>;
  /** Whose ratings give the colours of the embeddings: people's, or the model's. */
  readonly colourBy: 'said' | 'read';
  /** What the pointer is at, on any panel; all panels ring it. */
  readonly pointedAt: Item | null;
}

/** How near a pointer must be to a dot to mean it, in CSS pixels. */
const REACH = 14;
/** Panels are drawn once they are this near to the window. */
const NEAR = '200px 0px';
/** The more dots, the smaller and fainter; the radius is in CSS pixels. */
const DOTS = [
  { most: 500, radius: 4, opacity: 0.85 },
  { most: 5000, radius: 2.8, opacity: 0.6 },
  { most: 20_000, radius: 1.5, opacity: 0.4 },
  { most: Infinity, radius: 1.5, opacity: 0.12 },
] as const;
/** Colours that mean something stay strong, even where dots hide each other. */
const LEAST_COLOURED = 0.4;
/** A triangle looks smaller than a disc. */
const TRIANGLE = 1.25;

/** A canvas with the points of a report, which says what the pointer is at. */
export class Panel {
  readonly #canvas: HTMLCanvasElement;
  readonly #spec: PanelSpec;
  readonly #view: () => View;
  /** Everything but the ring, as it was drawn last. */
  readonly #layer = document.createElement('canvas');
  /** Where the points of each group were drawn. */
  readonly #drawn = new Map<GroupName, Float32Array>();
  #isStale = true;
  /** Whether it is on the screen or near it: other panels are not drawn, so that a page of many points opens soon. */
  #isNear = false;
  /** Whether it has so few points that it is always drawn, as for a picture of the whole page. */
  readonly #isLight: boolean;
  readonly #changed = oncePerFrame(() => {
    if (this.#isNear || this.#isLight) this.#draw();
  });

  /** @param isLight whether it has few points */
  constructor(
    canvas: HTMLCanvasElement,
    spec: PanelSpec,
    view: () => View,
    onPoint: (item: Item | null, event: PointerEvent) => void,
    isLight: boolean,
  ) {
    this.#canvas = canvas;
    this.#spec = spec;
    this.#view = view;
    this.#isLight = isLight;
    new ResizeObserver(() => {
      if (this.#isOtherSize) this.redraw();
    }).observe(canvas);
    new IntersectionObserver(
      (entries) => {
        this.#isNear = entries.at(-1)!.isIntersecting;
        this.#changed();
      },
      { rootMargin: NEAR },
    ).observe(canvas);
    for (const kind of ['pointermove', 'pointerdown'] as const)
      canvas.addEventListener(kind, (event) => {
        onPoint(this.#nearest(event.offsetX, event.offsetY), event);
      });
    canvas.addEventListener('pointerleave', (event) => {
      onPoint(null, event);
    });
  }

  /** Draws at once, also outside the screen. */
  drawNow(): void {
    if (this.#isOtherSize) this.#isStale = true;
    this.#draw();
  }

  /** Call it after anything has changed but the point under the pointer. */
  redraw(): void {
    this.#isStale = true;
    this.#changed();
  }

  /** Call it after the point under the pointer has changed. */
  ring(): void {
    this.#changed();
  }

  get #isOtherSize(): boolean {
    const { clientWidth, clientHeight } = this.#canvas;
    const is = (drawn: number, wanted: number) => drawn === Math.round(wanted * devicePixelRatio);
    return !is(this.#layer.width, clientWidth) || !is(this.#layer.height, clientHeight);
  }

  get #groups(): readonly Points[] {
    const { points, visible } = this.#view();
    const isChosen = (group: GroupName) => this.#spec.colour === undefined || visible.has(group);
    return this.#spec.groups.filter(isChosen).map((group) => points[group]);
  }

  #nearest(x: number, y: number): Item | null {
    let best: Item | null = null;
    let least = REACH ** 2;
    for (const { group } of this.#groups) {
      const places = this.#drawn.get(group) ?? [];
      for (let index = 0; 2 * index < places.length; index++) {
        const distance = (places[2 * index]! - x) ** 2 + (places[2 * index + 1]! - y) ** 2;
        if (distance <= least) [best, least] = [{ group, index }, distance];
      }
    }
    return best;
  }

  /** x and y of each point, in CSS pixels. */
  #places(points: Points): Float32Array {
    const { x, y } = this.#spec;
    const [across, up] = [points.column(x.column), points.column(y.column)];
    const places = new Float32Array(2 * points.count);
    const plot = this.#plot;
    for (let i = 0; i < points.count; i++) {
      places[2 * i] = plot.across(across[i]!);
      places[2 * i + 1] = plot.up(up[i]!);
    }
    return places;
  }

  get #plot(): Plot {
    return new Plot(this.#spec, this.#canvas.clientWidth, this.#canvas.clientHeight);
  }

  #draw(): void {
    fitted(this.#canvas, (context, width, height) => {
      if (width === 0 || height === 0) return;
      if (this.#isStale) {
        this.#isStale = false;
        this.#layer.width = this.#canvas.width;
        this.#layer.height = this.#canvas.height;
        const layer = this.#layer.getContext('2d', { willReadFrequently: true })!;
        layer.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
        this.#plot.drawAxes(layer);
        this.#drawDots(layer);
      }
      context.drawImage(this.#layer, 0, 0, width, height);
      this.#drawRing(context);
    });
  }

  /**
   * Writes dots into the pixels directly: ten times as fast as arcs, of which a hundred thousand would take seconds.
   */
  #drawDots(context: CanvasRenderingContext2D): void {
    const { colour } = this.#spec;
    const { colours, colourBy } = this.#view();
    const scale = devicePixelRatio;
    const image = context.getImageData(0, 0, this.#layer.width, this.#layer.height);
    for (const points of this.#groups) {
      const { radius, opacity } = DOTS.find(({ most }) => points.count <= most)!;
      const strength = colour === undefined ? opacity : Math.max(opacity, LEAST_COLOURED);
      const shape = points.group === 'image' ? 'disc' : 'triangle';
      const dot = stamp(shape, radius * scale * (shape === 'disc' ? 1 : TRIANGLE));
      const places = this.#places(points);
      this.#drawn.set(points.group, places);
      let colourOf: (index: number) => Colour;
      if (colour === undefined) {
        const one = rgb(variable(this.#spec.x.column === 'valence' ? 'valence' : 'arousal'));
        colourOf = () => one;
      } else {
        const [low, high] = colours[colour];
        const read = colour === 'valence' ? 'readValence' : 'readArousal';
        const values = points.column(colourBy === 'said' ? colour : read);
        colourOf = (index) => ramp((values[index]! - low) / (high - low || 1));
      }
      for (let i = 0; i < points.count; i++)
        press(image, dot, places[2 * i]! * scale, places[2 * i + 1]! * scale, colourOf(i), strength);
    }
    context.putImageData(image, 0, 0);
  }

  #drawRing(context: CanvasRenderingContext2D): void {
    const { pointedAt } = this.#view();
    const points = this.#groups.find(({ group }) => group === pointedAt?.group);
    if (pointedAt === null || points === undefined) return;
    const { x, y } = this.#spec;
    const { index } = pointedAt;
    context.strokeStyle = variable('text');
    context.lineWidth = 2;
    context.beginPath();
    const plot = this.#plot;
    context.arc(
      plot.across(points.column(x.column)[index]!),
      plot.up(points.column(y.column)[index]!),
      8,
      0,
      7,
    );
    context.stroke();
  }
}

/** @param colour `#rrggbb` */
function rgb(colour: string): Colour {
  const channel = (at: number) => Number.parseInt(colour.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}
