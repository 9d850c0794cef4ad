import type {
  ColumnName,
  GroupName,
  PackedColumn,
  PackedGroup,
} from '../../src/report/evaluation/page-data/index.ts';

/** The pictures, or the clips, of a report. */
export class Points {
  readonly group: GroupName;
  readonly names: readonly string[];
  readonly startSeconds: readonly number[];
  readonly #packed: PackedGroup['columns'];
  readonly #columns = new Map<ColumnName, Float32Array>();

  constructor(group: GroupName, { names, startSeconds, columns }: PackedGroup) {
    this.group = group;
    this.names = names;
    this.startSeconds = startSeconds;
    this.#packed = columns;
  }

  get count(): number {
    return this.names.length;
  }

  /** Unpacked at the first call. */
  column(name: ColumnName): Float32Array {
    let values = this.#columns.get(name);
    if (values === undefined) {
      const packed = this.#packed[name];
      values = packed === undefined ? new Float32Array(this.count) : unpacked(packed);
      this.#columns.set(name, values);
    }
    return values;
  }
}

/** See `PackedColumn`. */
export function unpacked({ low, high, data }: PackedColumn): Float32Array {
  const bytes = atob(data);
  const scale = (high - low) / 65535;
  return Float32Array.from(
    { length: bytes.length / 2 },
    (_, i) => low + scale * (bytes.charCodeAt(2 * i) + 256 * bytes.charCodeAt(2 * i + 1)),
  );
}
