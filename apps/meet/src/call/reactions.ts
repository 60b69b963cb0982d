import type { Room } from '@switchyard/client';
import { Store } from '../shared/store.ts';

/** In the order of the keys 1 to 6. */
export const REACTIONS = [
  { emoji: '👍', name: 'Thumbs up' },
  { emoji: '👏', name: 'Applause' },
  { emoji: '❤️', name: 'Heart' },
  { emoji: '😂', name: 'Laughing' },
  { emoji: '😮', name: 'Surprised' },
  { emoji: '🎉', name: 'Celebration' },
] as const;

const TOPIC = 'reaction';
const SHOWN_MS = 4_000;

/** Who shows which emoji now, by identity. */
export class Reactions extends Store<ReadonlyMap<string, string>> {
  readonly #room: Room;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #stop: () => void;

  constructor(room: Room) {
    super(new Map());
    this.#room = room;
    this.#stop = room.on('message', ({ topic, text, from }) => {
      // Only what our own buttons send: nobody writes texts over other people's pictures.
      const known = REACTIONS.some(({ emoji }) => emoji === text);
      if (topic === TOPIC && known) this.#show(from.identity, text);
    });
  }

  /** Shown here at once; others see it when the server passed it on. */
  send(emoji: string): void {
    this.#show(this.#room.localParticipant.identity, emoji);
    this.#room.sendMessage(TOPIC, emoji).catch(() => undefined); // gone with the connection: no loss
  }

  close(): void {
    this.#stop();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #show(identity: string, emoji: string): void {
    clearTimeout(this.#timers.get(identity));
    this.set(new Map(this.get()).set(identity, emoji));
    this.#timers.set(
      identity,
      setTimeout(() => {
        const rest = new Map(this.get());
        rest.delete(identity);
        this.set(rest);
      }, SHOWN_MS),
    );
  }
}
