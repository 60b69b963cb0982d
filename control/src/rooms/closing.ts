/** What is closed in which order: slots before the tracks in them, tracks before their transports. */
const PHASES = ['slots', 'tracks', 'transports'] as const;
type Phase = (typeof PHASES)[number];

/** Closings put off until nothing refers to what they close. */
export class Closing {
  readonly #waiting: Record<Phase, (() => void)[]> = { slots: [], tracks: [], transports: [] };

  add(phase: Phase, close: () => void): void {
    this.#waiting[phase].push(close);
  }

  run(): void {
    for (const phase of PHASES) for (const close of this.#waiting[phase].splice(0)) close();
  }
}
