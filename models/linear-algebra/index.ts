export { solveMasked } from './conjugate-gradients.ts';
export { principalComponents } from './principal-components.ts';
export { productOnEngine } from './products.ts';
export { cholesky, solve, solveTriangular, timesTransposed } from './symmetric.ts';
