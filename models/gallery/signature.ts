/** Side of the small picture for a signature. */
export const SIGNATURE_SIDE = 32;
const HASH_BYTES = 8;
/** Side of the grid over which a signature averages colours. */
const GRID = 8;
export const SIGNATURE_BYTES = HASH_BYTES + 3 * GRID * GRID;

/** Least standard deviation of the grid's colours, of 255. With less contrast the hash would be noise. */
const FLAT_DEVIATION = 2;
/** Most bits of 64 by which copies differ after resizing, compression or a change of brightness. */
export const COPY_BITS = 6;
const COPY_RMS = 12;
const COPY_MEAN = 40;

/** cos((2x + 1) u π / 2N): the rows of the DCT-II for the lowest frequencies but the constant. */
const COSINES = Array.from({ length: GRID }, (_, u) =>
  Float64Array.from({ length: SIGNATURE_SIDE }, (_, x) =>
    Math.cos(((2 * x + 1) * (u + 1) * Math.PI) / (2 * SIGNATURE_SIDE)),
  ),
);

/**
 * Identifies near copies of a picture: a perceptual hash of 64 bits (the signs of the lowest 8 × 8 frequencies of its
 * luminance, without the constant ones, about their median; Zauner, "Implementation and Benchmarking of Perceptual
 * Image Hash Functions", 2010) and the mean colours of an 8 × 8 grid.
 * @param pixels the picture squashed to SIGNATURE_SIDE, [height, width, 3], 0..255
 * @returns SIGNATURE_BYTES
 */
export function pictureSignature(pixels: Uint8Array): Uint8Array {
  const luminance = new Float64Array(SIGNATURE_SIDE ** 2);
  for (let i = 0; i < luminance.length; i++) {
    luminance[i] = 0.299 * pixels[3 * i]! + 0.587 * pixels[3 * i + 1]! + 0.114 * pixels[3 * i + 2]!;
  }
  const frequencies = lowFrequencies(luminance);
  const median = frequencies.toSorted()[frequencies.length / 2]!;
  const signature = new Uint8Array(SIGNATURE_BYTES);
  const grid = signature.subarray(HASH_BYTES);
  meanColours(pixels, grid);
  if (deviation(grid) < FLAT_DEVIATION) return signature;
  frequencies.forEach((value, i) => {
    if (value > median) signature[i >> 3]! |= 1 << (i & 7);
  });
  return signature;
}

function lowFrequencies(luminance: Float64Array): Float64Array {
  const frequencies = new Float64Array(GRID * GRID);
  const rows = new Float64Array(GRID * SIGNATURE_SIDE);
  for (let u = 0; u < GRID; u++) {
    for (let y = 0; y < SIGNATURE_SIDE; y++) {
      let sum = 0;
      for (let x = 0; x < SIGNATURE_SIDE; x++) sum += luminance[y * SIGNATURE_SIDE + x]! * COSINES[u]![x]!;
      rows[u * SIGNATURE_SIDE + y] = sum;
    }
    for (let v = 0; v < GRID; v++) {
      let sum = 0;
      for (let y = 0; y < SIGNATURE_SIDE; y++) sum += rows[u * SIGNATURE_SIDE + y]! * COSINES[v]![y]!;
      frequencies[v * GRID + u] = sum;
    }
  }
  return frequencies;
}

function meanColours(pixels: Uint8Array, grid: Uint8Array): void {
  const cell = SIGNATURE_SIDE / GRID;
  for (let at = 0; at < grid.length; at++) {
    const channel = at % 3;
    const column = Math.floor(at / 3) % GRID;
    const row = Math.floor(at / 3 / GRID);
    let sum = 0;
    for (let y = row * cell; y < (row + 1) * cell; y++) {
      for (let x = column * cell; x < (column + 1) * cell; x++) {
        sum += pixels[3 * (y * SIGNATURE_SIDE + x) + channel]!;
      }
    }
    grid[at] = Math.round(sum / cell ** 2);
  }
}

function means(grid: Uint8Array): [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < grid.length; i += 3) for (let c = 0; c < 3; c++) sums[c]! += grid[i + c]!;
  return sums.map((sum) => (3 * sum) / grid.length) as [number, number, number];
}

function deviation(grid: Uint8Array): number {
  const mean = means(grid);
  let sum = 0;
  for (let i = 0; i < grid.length; i++) sum += (grid[i]! - mean[i % 3]!) ** 2;
  return Math.sqrt(sum / grid.length);
}

/** Whether two signatures whose hashes differ in at most COPY_BITS are those of near copies: by their colours. */
export function coloursAgree(a: Uint8Array, b: Uint8Array): boolean {
  const gridA = a.subarray(HASH_BYTES);
  const gridB = b.subarray(HASH_BYTES);
  const meanA = means(gridA);
  const meanB = means(gridB);
  if (meanA.some((mean, c) => Math.abs(mean - meanB[c]!) > COPY_MEAN)) return false;
  let sum = 0;
  for (let i = 0; i < gridA.length; i++) {
    sum += (gridA[i]! - meanA[i % 3]! - gridB[i]! + meanB[i % 3]!) ** 2;
  }
  const isFlat = Math.min(deviation(gridA), deviation(gridB)) < FLAT_DEVIATION;
  // Without contrast, only the colours count.
  const shift = Math.max(...meanA.map((mean, c) => Math.abs(mean - meanB[c]!)));
  return Math.sqrt(sum / gridA.length) <= COPY_RMS && (!isFlat || shift <= 4);
}
