/** Where an axis is labelled: about five round numbers from low to high. */
export function ticksOf(low: number, high: number): { readonly at: number; readonly label: string }[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough * 0.99) ?? 10);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-6); i * step <= high + 1e-6 * step; i++) {
    // No "-0.0".
    ticks.push({ at: i * step, label: (i === 0 ? 0 : i * step).toFixed(digits) });
  }
  return ticks;
}
