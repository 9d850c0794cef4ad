import type { GroupName, PageData } from '../../src/report/evaluation/page-data/index.ts';
import { find } from '../shared/element.ts';
import { Panel, type Item } from './panel.ts';
import { Points } from './points.ts';
import { RAMP_GRADIENT } from './ramp.ts';
import './report.css';
import { Tip } from './tip.ts';

/* The script of the page that `evaluate --report` writes: it draws the points, and says what the pointer is at. */

const data = JSON.parse(find('#data').textContent) as PageData;
const points = {
  image: new Points('image', data.groups.image),
  music: new Points('music', data.groups.music),
};
const visible = new Set<GroupName>(['image', 'music']);
let colourBy: 'said' | 'read' = 'said';
let pointedAt: Item | null = null;
const tip = new Tip(data.thumbnails);
/** This many points are drawn at load, on all panels. */
const FEW_POINTS = 5000;
const isLight = points.image.count + points.music.count <= FEW_POINTS;

const panels = [...document.querySelectorAll<HTMLCanvasElement>('canvas[data-panel]')].map((canvas) => {
  const spec = data.panels.find(({ id }) => id === canvas.dataset['panel'])!;
  const view = () => ({ points, colours: data.colours, visible, colourBy, pointedAt });
  const onPoint = (item: Item | null, event: PointerEvent): void => {
    if (item === null) tip.hide();
    else tip.show(points[item.group], item.index, event);
    canvas.style.cursor = item === null ? '' : 'crosshair';
    if (item?.group === pointedAt?.group && item?.index === pointedAt?.index) return;
    pointedAt = item;
    for (const panel of panels) panel.ring();
  };
  return new Panel(canvas, spec, view, onPoint, isLight);
});

function redraw(): void {
  for (const panel of panels) panel.redraw();
}

for (const ramp of document.querySelectorAll<HTMLElement>('.ramp')) ramp.style.background = RAMP_GRADIENT;
for (const box of document.querySelectorAll<HTMLInputElement>('input[data-group]')) {
  const follow = (): void => {
    const group = box.dataset['group'] as GroupName;
    if (box.checked) visible.add(group);
    else visible.delete(group);
    redraw();
  };
  // A browser keeps choices over a reload.
  follow();
  box.addEventListener('change', follow);
}
const choice = document.querySelector<HTMLSelectElement>('#colour-by');
choice?.addEventListener('change', () => {
  colourBy = choice.value === 'read' ? 'read' : 'said';
  redraw();
});
if (choice?.value === 'read') colourBy = 'read';
matchMedia('(prefers-color-scheme: light)').addEventListener('change', redraw);
addEventListener('beforeprint', () => {
  for (const panel of panels) panel.drawNow();
});
