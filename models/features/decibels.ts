/**
 * `librosa.power_to_db(S, ref=1, amin=1e-10, top_db=80)` in place: 10·log₁₀ of values that are at least 1e-10, none
 * of them more than 80 dB below the largest. So one loud frame can lift every other: the clip is judged as a whole.
 * A Float32Array is rounded where librosa's float32 is.
 */
export function powerToDecibels(power: Float32Array | Float64Array): void {
  let largest = -Infinity;
  const single = power instanceof Float32Array;
  for (let i = 0; i < power.length; i++) {
    const log = Math.log10(Math.max(power[i]!, 1e-10));
    const decibels = 10 * (single ? Math.fround(log) : log);
    power[i] = decibels;
    if (power[i]! > largest) largest = power[i]!;
  }
  const floor = largest - 80;
  for (let i = 0; i < power.length; i++) if (power[i]! < floor) power[i] = floor;
}
