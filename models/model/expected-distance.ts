/**
 * The expected distance of two uncertain points of the plane: E|p − m| where p and m are Gaussian around their
 * predictions, with errors independent of each other and along the two axes. It depends on the difference d of the
 * predictions and on the sum s² of the two variances along each axis.
 *
 * The square |p − m|² has mean μ, variance V and third central moment κ: μ = Σ (d² + s²),  V = Σ (2 s⁴ + 4 s² d²),  κ =
 * Σ (8 s⁶ + 24 s⁴ d²),  summed over valence and arousal. If it were gamma distributed, E|p − m| would depend on μ and w
 * = V/μ² alone (Nakagami 1960); D = κ/μ³ − 2w² is the deviation of its third moment from that. With a cubic and one
 * factor, fitted to the exact integral by minimax, E|p − m|² ≈ μ (1 + 0.078 D) (1 − w/4 + 0.0444 w² − 0.00314 w³). For
 * standard deviations of 0.02 to 0.3 along each axis (whatever their ratio) and |d| of 0 to 1 it is off by 1 % at most,
 * by 0.3 % in the root mean square. It is |d| exactly without errors, and grows with |d| and with the errors.
 *
 * @param dv difference of the valences; `da` of the arousals
 * @param vv sum of the variances of the two valences; `va` of the arousals. Not all four may be 0.
 */
export function expectedDistance(dv: number, da: number, vv: number, va: number): number {
  const qv = dv * dv;
  const qa = da * da;
  const mean = qv + qa + vv + va;
  const scale = 1 / mean;
  const [ev, ea] = [vv * vv, va * va];
  const variance = 2 * (ev + ea) + 4 * (vv * qv + va * qa);
  const third = 8 * (ev * (vv + 3 * qv) + ea * (va + 3 * qa));
  const w = variance * scale * scale;
  const excess = third * scale * scale * scale - 2 * w * w;
  return Math.sqrt(mean * (1 + 0.078 * excess) * (1 + w * (-0.25 + w * (0.0444 - 0.00314 * w))));
}

/** Numbers in a point with its variances: valence, arousal, variance of valence, variance of arousal. */
export const POINT_WIDTH = 4;

/**
 * The negated expected distances of many points from one: the higher, the nearer.
 *
 * @param points row-major [out.length, POINT_WIDTH]
 * @param point [POINT_WIDTH]
 */
export function nearnesses(points: Float32Array, point: Float32Array, out: Float32Array): void {
  const [v, a, vv, va] = [point[0]!, point[1]!, point[2]!, point[3]!];
  for (let i = 0, at = 0; i < out.length; i++, at += POINT_WIDTH) {
    out[i] = -expectedDistance(
      points[at]! - v,
      points[at + 1]! - a,
      points[at + 2]! + vv,
      points[at + 3]! + va,
    );
  }
}
