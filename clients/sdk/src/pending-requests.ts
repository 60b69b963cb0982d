import type { RequestBody } from './signal-messages.ts';

/** Asked again after a lost socket, since asking twice does no harm. Others fail as `interrupted`. */
const REPEATABLE: ReadonlySet<RequestBody['kind']> = new Set([
  'offer',
  'publish',
  'unpublish',
  'mute',
  'updateMe',
] as const);

interface Pending {
  readonly body: RequestBody;
  isSent: boolean;
}

/** Requests without an answer, in order of asking. */
export class PendingRequests {
  readonly #pending = new Map<number, Pending>();

  add(id: number, body: RequestBody, isSent: boolean): void {
    this.#pending.set(id, { body, isSent });
  }

  /** False when nobody waits for that answer (any more). */
  settle(id: number): boolean {
    return this.#pending.delete(id);
  }

  /** After a resume: takes out, and returns, those that went out and must not go out twice. */
  takeUnrepeatable(): number[] {
    return this.#take(({ body, isSent }) => isSent && !REPEATABLE.has(body.kind));
  }

  takeAll(): number[] {
    return this.#take(() => true);
  }

  /** Everything left goes out now. */
  *send(): Generator<RequestBody & { id: number }> {
    for (const [id, request] of this.#pending) {
      request.isSent = true;
      yield { ...request.body, id };
    }
  }

  #take(which: (request: Pending) => boolean): number[] {
    const taken = [...this.#pending].filter(([, request]) => which(request)).map(([id]) => id);
    for (const id of taken) this.#pending.delete(id);
    return taken;
  }
}
