import type { ShowMessage } from '../../src/server/protocol/index.ts';

interface Point {
  readonly valence: number;
  readonly arousal: number;
}

/**
 * Why a picture comes next: its score among the candidates; how far its mood is from that of the (pushed) music when it
 * is none of them; or that there is no music.
 */
export function why(
  id: string,
  message: Pick<ShowMessage, 'mood' | 'show' | 'candidates'>,
  moodOffset: Point,
  picture: Point | undefined,
): string {
  if (message.show.state === 'idle') return 'idle';
  const score = message.candidates.find((candidate) => candidate.id === id)?.score;
  if (score !== undefined) return score.toFixed(3);
  if (picture === undefined) return '';
  const { mood } = message;
  const apart = (value: number, music: number): string => Math.abs(value - music).toFixed(2);
  return (
    `ΔV ${apart(picture.valence, mood.valence + moodOffset.valence)} ` +
    `ΔA ${apart(picture.arousal, mood.arousal + moodOffset.arousal)}`
  );
}
