/* What finds pictures, apart from the rest: the process that matches starts sooner without what reads pictures. */

export {
  bringNeighboursUpToDate,
  EXACT_MOST,
  openNeighbours,
  type Neighbours,
  type NeighboursPlace,
} from './neighbours.ts';
export { createVectorStore, type VectorStore } from './vectors.ts';
