import type { Millis } from '@switchyard/core/base';
import type { TransportId } from '@switchyard/core/media-api';
import type { Peer } from './peer-table.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * Who is being served: a bug that shows meanwhile ends that peer and nobody else. What concerns no peer is thrown
 * on and ends the worker, which the main process starts anew.
 *
 * `subject` is one store per packet; the `try` stands around batches, not around packets.
 */
export class FaultBoundary {
  /** Whose datagram, deadline or command is being handled; null for nobody's. */
  subject: Peer | null = null;
  readonly #state: WorkerState;
  readonly #end: (now: Millis, peer: Peer) => void;

  /** @param end takes the peer and all that is its own out of the worker. */
  constructor(state: WorkerState, end: (now: Millis, peer: Peer) => void) {
    this.#state = state;
    this.#end = end;
  }

  /** Ends the peer during whose service `error` was thrown; throws it again when there is none. */
  handle(now: Millis, error: unknown): void {
    const peer = this.#culprit();
    this.subject = null;
    this.#state.context.serving = null;
    // Who was ended before cannot be ended again: throwing on keeps a loop from trying for ever.
    if (peer === null || this.#state.peers.get(peer.id) !== peer) throw error;
    this.report(peer.id, error);
    this.#end(now, peer);
  }

  /** Tells that a transport has failed: the rooms in a word, the log in full. */
  report(transport: TransportId, error: unknown): void {
    const { settings } = this.#state;
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    console.error(`media worker ${settings.worker}: a fault ends transport ${transport}: ${stack}`);
    this.#state.notifyState(transport, 'failed', `internal fault: ${message}`);
  }

  /** A packet is handed to the subscribers while its publisher is served: then the subscriber's slot counts. */
  #culprit(): Peer | null {
    const { context, homes } = this.#state;
    return context.serving === null ? this.subject : (homes.get(context.serving) ?? null);
  }
}
