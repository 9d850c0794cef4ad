import { invert, solve } from './symmetric.ts';

/**
 * Kernel ridge regression: coefficients a = (K + Λ)⁻¹ y, predictions Σ aᵢ k(·, xᵢ). Λ is diagonal: the ridge λ, divided
 * by the weight of the row.
 */
export class KernelRidge {
  readonly #size: number;
  readonly #inverse: Float64Array;

  /**
   * @param kernel row-major [rows, rows], which is kept and written over.
   * @param weights of the rows, above 0.
   */
  constructor(kernel: Float64Array, weights: Float64Array, ridge: number) {
    this.#size = weights.length;
    for (let i = 0; i < this.#size; i++) kernel[i * this.#size + i]! += ridge / weights[i]!;
    invert({ size: this.#size, values: kernel });
    this.#inverse = kernel;
  }

  coefficients(targets: Float64Array): Float64Array {
    return targets.map((_, i) => {
      let sum = 0;
      for (let j = 0; j < this.#size; j++) sum += this.#inverse[i * this.#size + j]! * targets[j]!;
      return sum;
    });
  }

  /**
   * What a regression would predict for each row that had been trained without any row of its fold: exactly, and
   * without training again. With M = (K + Λ)⁻¹ and a fold g, y_g − ŷ_g = (M_gg)⁻¹ (M y)_g.
   *
   * @param folds of the rows; rows below 0 are in none: their own target is given back.
   */
  leftOut(targets: Float64Array, folds: Int32Array): Float64Array {
    const coefficients = this.coefficients(targets);
    const predicted = targets.slice();
    for (const fold of new Set(folds.filter((of) => of >= 0))) {
      const rows: number[] = [];
      folds.forEach((of, row) => {
        if (of === fold) rows.push(row);
      });
      const size = rows.length;
      const values = new Float64Array(size * size);
      rows.forEach((row, i) => {
        rows.forEach((column, j) => (values[i * size + j] = this.#inverse[row * this.#size + column]!));
      });
      const residuals = solve(
        { size, values },
        Float64Array.from(rows, (row) => coefficients[row]!),
      );
      rows.forEach((row, i) => (predicted[row]! -= residuals[i]!));
    }
    return predicted;
  }
}
