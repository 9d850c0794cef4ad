/** Thrown to leave at once what is under way and changes nothing, when a person wants the training to end. */
export class Stopped extends Error {}

/** Asked at every point at which work can be left. */
export type GoOn = () => void;

/** @returns what throws `Stopped` once `isStopped` says so */
export function goOnUnless(isStopped: () => boolean): GoOn {
  return () => {
    if (isStopped()) throw new Stopped('stopped on demand');
  };
}
