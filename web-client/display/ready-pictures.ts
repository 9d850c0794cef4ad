/** Pictures that are kept decoded: each takes the memory of all its pixels. */
const KEPT_READY = 8;
/** After a failure, a picture is not fetched ahead again before this time. */
const FAILED_FOR_MS = 10_000;

/** Pictures that are fetched and decoded, so that they can be shown at once. */
export class ReadyPictures {
  readonly #ready = new Map<string, Promise<HTMLImageElement>>();
  /** When pictures failed to load. */
  readonly #failedAtMs = new Map<string, number>();

  /** Whether a picture is there, on its way, or has failed lately. The one that was used last is forgotten last. */
  has(url: string): boolean {
    const failedAtMs = this.#failedAtMs.get(url);
    const hasFailed = failedAtMs !== undefined && performance.now() - failedAtMs < FAILED_FOR_MS;
    return hasFailed || this.#known(url) !== undefined;
  }

  /** Fetches and decodes a picture. Rejects with a DOMException where it can't be loaded or decoded. */
  decoded(url: string): Promise<HTMLImageElement> {
    const known = this.#known(url);
    if (known !== undefined) return known;
    const image = new Image();
    image.src = url;
    const decoded = image.decode().then(() => image);
    this.#ready.set(url, decoded);
    for (const oldest of this.#ready.keys()) {
      if (this.#ready.size <= KEPT_READY) break;
      this.#ready.delete(oldest);
    }
    void decoded.then(
      () => this.#failedAtMs.delete(url),
      (error: unknown) => {
        nullIfBroken(error);
        this.#noteFailure(url);
        if (this.#ready.get(url) === decoded) this.#ready.delete(url);
      },
    );
    return decoded;
  }

  #known(url: string): Promise<HTMLImageElement> | undefined {
    const known = this.#ready.get(url);
    if (known === undefined) return undefined;
    this.#ready.delete(url);
    this.#ready.set(url, known);
    return known;
  }

  #noteFailure(url: string): void {
    const now = performance.now();
    this.#failedAtMs.set(url, now);
    for (const [other, atMs] of this.#failedAtMs) {
      if (now - atMs > FAILED_FOR_MS) this.#failedAtMs.delete(other);
    }
  }
}

/** For a picture that can't be loaded or decoded, which browsers report as a DOMException. @throws any other error */
export function nullIfBroken(error: unknown): null {
  if (error instanceof DOMException) return null;
  throw error;
}
