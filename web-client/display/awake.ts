/** What keeps the screen on: the browser's wake lock, a playing video, or nothing. */
export type Wake = 'lock' | 'video' | 'none';

/** The video's picture changes this often, so that it counts as playing. */
const DRAW_EVERY_MS = 1000;

/**
 * Keeps the screen on while the page is visible. Browsers give the wake lock to pages of this machine and over https,
 * and take it back when the page is hidden. Elsewhere a silent, black video that plays behind the pictures does it; it
 * covers the screen, since browsers don't count videos that are too small.
 */
export class Awake {
  readonly #place: HTMLElement;
  readonly #onChange: () => void;
  #wake: Wake = 'none';
  #video: HTMLVideoElement | null = null;

  constructor(place: HTMLElement, onChange: () => void) {
    this.#place = place;
    this.#onChange = onChange;
    document.addEventListener('visibilitychange', () => {
      void this.#keep();
    });
    // A browser that lets no video play by itself does after a touch or a key.
    for (const gesture of ['pointerdown', 'keydown']) {
      addEventListener(gesture, () => {
        if (this.#wake === 'none') void this.#keep();
      });
    }
    void this.#keep();
  }

  get state(): Wake {
    return this.#wake;
  }

  async #keep(): Promise<void> {
    if (document.visibilityState !== 'visible') return;
    if (await this.#lock()) this.#set('lock');
    else this.#set((await this.#play()) ? 'video' : 'none');
  }

  async #lock(): Promise<boolean> {
    const { wakeLock } = navigator as { readonly wakeLock?: WakeLock };
    if (wakeLock === undefined) return false;
    try {
      const lock = await wakeLock.request('screen');
      lock.addEventListener('release', () => {
        this.#set('none');
        void this.#keep();
      });
      this.#stop();
      return true;
    } catch {
      // No wake lock for this page, or a battery that is low.
      return false;
    }
  }

  async #play(): Promise<boolean> {
    this.#video ??= this.#makeVideo();
    try {
      await this.#video?.play();
      return this.#video !== null;
    } catch {
      // The browser lets no video play before somebody has touched the page.
      return false;
    }
  }

  /** null where the browser can't make one. */
  #makeVideo(): HTMLVideoElement | null {
    const canvas = document.createElement('canvas');
    if (!('captureStream' in canvas)) return null;
    canvas.width = canvas.height = 16;
    const context = canvas.getContext('2d')!;
    const draw = (): void => {
      context.fillRect(0, 0, 16, 16);
    };
    draw();
    const video = document.createElement('video');
    video.muted = true;
    video.setAttribute('playsinline', '');
    video.srcObject = canvas.captureStream();
    this.#place.append(video);
    setInterval(draw, DRAW_EVERY_MS);
    return video;
  }

  #stop(): void {
    this.#video?.pause();
  }

  #set(wake: Wake): void {
    if (wake === this.#wake) return;
    this.#wake = wake;
    this.#onChange();
  }
}
