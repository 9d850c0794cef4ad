/* The search for pictures, in a room of its own, so that the matching process loads no picture decoder. */

export {
  bringNeighboursUpToDate,
  EXACT_MOST,
  openNeighbours,
  type Neighbours,
  type NeighboursPlace,
} from './neighbours.ts';
export { createVectorStore, type VectorStore } from './vectors.ts';
