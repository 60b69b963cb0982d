import { Store } from '../shared/store.ts';

type Happening = 'joined' | 'left';

/** Comings and goings within this time are one sentence. ms. */
export const BATCH_MS = 1_500;

/** Texts of the two live regions, which assistive technology reads when they change. */
export class Announcer {
  readonly polite = new Store('');
  readonly assertive = new Store('');
  readonly #pending: Record<Happening, string[]> = { joined: [], left: [] };
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Read when the reader has finished what it says. */
  say(text: string): void {
    this.polite.set(fresh(this.polite.get(), text));
  }

  /** Read at once: what changed something of the person's own. */
  alert(text: string): void {
    this.assertive.set(fresh(this.assertive.get(), text));
  }

  /** Somebody came or went; told together with others. */
  note(happening: Happening, name: string): void {
    this.#pending[happening].push(name);
    this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { joined, left } = this.#pending;
    const sentences = [sentenceOf(joined, 'joined'), sentenceOf(left, 'left')].filter(Boolean);
    joined.length = 0;
    left.length = 0;
    if (sentences.length > 0) this.say(sentences.join(' '));
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

function sentenceOf(names: readonly string[], verb: Happening): string {
  if (names.length === 0) return '';
  if (names.length > 2) return `${names.length} people ${verb}.`;
  return `${names.join(' and ')} ${verb}.`;
}

/** The same sentence twice is a change only when something about it differs: a blank that nobody hears. */
function fresh(before: string, text: string): string {
  return before === text ? `${text}\u00a0` : text;
}
