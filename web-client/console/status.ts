/** What the console reads of /api/state, beside the newest message of the stream. */
export interface Status {
  readonly source: { readonly name: string; readonly state: string; readonly message: string };
  /** What `source` can be switched to. */
  readonly sources: readonly string[];
  readonly model: { readonly name: string; readonly engine: string };
  readonly banks: readonly string[];
  readonly settings: {
    readonly sensitivity: number;
    readonly minimumDwellSeconds: number;
    readonly maximumDwellSeconds: number;
    readonly crossfadeSeconds: number;
    readonly smoothingSeconds: number;
    readonly moodOffset: { readonly valence: number; readonly arousal: number };
    readonly bank: string | null;
  };
  readonly hold: boolean;
  readonly blackout: boolean;
  readonly pin: string | null;
  readonly reason: string;
  /** What comes next on the main screen, should the music stay as it is. */
  readonly upcoming: readonly string[];
  readonly clips: number;
  readonly drops: { readonly clips: number; readonly gaps: number };
}
