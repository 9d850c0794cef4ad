export { FAULT_STATUS } from './answer.ts';
export { Routes } from './routes.ts';
export { serveBelow } from './sub-path.ts';
export { takeTurns } from './turns.ts';
