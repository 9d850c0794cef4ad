/**
 * AssemblyScript: the inner products of one query with many vectors, all f32. `vectors` row-major [count, width].
 * Nothing is allocated here: pointers come from the caller, who shares out the memory from `heapBase` on.
 */
export function innerProducts(vectors: usize, query: usize, products: usize, count: i32, width: i32): void {
  const bytes = (<usize>width) << 2;
  const wide = bytes & ~63;
  for (let row = 0; row < count; row++, vectors += bytes) {
    let sum0 = f32x4.splat(0);
    let sum1 = sum0;
    let sum2 = sum0;
    let sum3 = sum0;
    let at: usize = 0;
    for (; at < wide; at += 64) {
      const v = vectors + at;
      const q = query + at;
      sum0 = f32x4.add(sum0, f32x4.mul(v128.load(v), v128.load(q)));
      sum1 = f32x4.add(sum1, f32x4.mul(v128.load(v, 16), v128.load(q, 16)));
      sum2 = f32x4.add(sum2, f32x4.mul(v128.load(v, 32), v128.load(q, 32)));
      sum3 = f32x4.add(sum3, f32x4.mul(v128.load(v, 48), v128.load(q, 48)));
    }
    const sums = f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3));
    let sum =
      f32x4.extract_lane(sums, 0) +
      f32x4.extract_lane(sums, 1) +
      (f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3));
    for (; at < bytes; at += 4) sum += load<f32>(vectors + at) * load<f32>(query + at);
    store<f32>(products + ((<usize>row) << 2), sum);
  }
}

/** First byte of the memory that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}
