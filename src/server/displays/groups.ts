import type { Group, ScreenOnShow, ShowState } from '../protocol/index.ts';

/**
 * What a group of displays shows: the screen of its number, or the main screen where the show has fewer screens, or no
 * picture left for this one.
 */
export function screenOf(
  group: Group,
  { show, screens }: ShowState,
  mayShow: (id: string) => boolean,
): ScreenOnShow {
  const screen = group === 'main' ? undefined : screens[group];
  const image = screen?.image ?? null;
  if (screen === undefined || image === null || !mayShow(image.id)) return show;
  // All screens fade to black together.
  return show.state === 'blackout' ? { ...show, image } : screen;
}
