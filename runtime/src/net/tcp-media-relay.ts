import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TransportAddress } from '@switchyard/core/base';
import { type WorkerId, workerOfUfrag } from '@switchyard/core/media-api';
import { StunAttribute, StunView } from '@switchyard/core/stun';
import { MediaConnection } from './media-connection.ts';
import { RelayLink } from './relay-link.ts';
import { remoteOf } from './remote.ts';

export interface TcpMediaRelayOptions {
  /** Connections to one worker at once. Default 4096. */
  readonly connectionsPerWorker?: number;
  /** A first check must have come within this time. Default 10 s. */
  readonly firstCheckMs?: number;
  /** A monotonic clock, ms. Default: that of the process. */
  readonly now?: () => number;
}

/**
 * Media over TCP (RFC 6544, passive side). The first check of a connection names, in its USERNAME, our
 * ufrag and so the worker; from then on its datagrams pass both ways unread. Whether the check is genuine
 * is the worker's to find out: until then it holds no more than a number.
 */
export class TcpMediaRelay {
  readonly #links = new Map<WorkerId, RelayLink>();
  readonly #connectionsPerWorker: number;
  readonly #firstCheckMs: number;
  readonly #now: () => number;
  readonly #view = new StunView();

  constructor(options: TcpMediaRelayOptions = {}) {
    this.#connectionsPerWorker = options.connectionsPerWorker ?? 4096;
    this.#firstCheckMs = options.firstCheckMs ?? 10_000;
    this.#now = options.now ?? (() => performance.now());
  }

  /** A worker is ready: `stream` carries relay frames until it closes. */
  attach(worker: WorkerId, stream: Duplex): void {
    const link = new RelayLink(stream);
    this.#links.get(worker)?.close();
    this.#links.set(worker, link);
    stream.once('close', () => {
      if (this.#links.get(worker) === link) this.#links.delete(worker);
    });
  }

  /** Takes a connection over whose bytes have not been read. */
  accept(socket: Socket): void {
    const remote = remoteOf(socket);
    if (remote === null) {
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), this.#firstCheckMs);
    let route: { readonly link: RelayLink; readonly number: number } | null = null;
    const connection = new MediaConnection(
      socket,
      {
        onDatagram: (buf, length) => {
          if (route === null) {
            clearTimeout(timer);
            route = this.#open(connection, remote, buf, length);
          }
          if (route === null) connection.close();
          else route.link.send(route.number, buf, length);
        },
        onClose: () => {
          clearTimeout(timer);
          route?.link.closeConnection(route.number);
        },
      },
      this.#now,
    );
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
  }

  /** Opens the way to the worker that a first check names; null when it names none that has room. */
  #open(connection: MediaConnection, remote: TransportAddress, buf: Uint8Array, length: number) {
    const worker = this.#workerOf(buf, length);
    const link = worker === null ? undefined : this.#links.get(worker);
    if (link === undefined || link.connectionCount >= this.#connectionsPerWorker) return null;
    return { link, number: link.open(connection, remote) };
  }

  /** The worker in a check's USERNAME, `ours:theirs` (RFC 8445 §7.2.2). */
  #workerOf(buf: Uint8Array, length: number): WorkerId | null {
    const view = this.#view;
    if (!view.parse(buf, 0, length)) return null;
    const at = view.find(StunAttribute.username);
    if (at < 0) return null;
    const username = String.fromCharCode(
      ...buf.subarray(at, at + Math.min(view.lengthOf(at), 513)),
    );
    const colon = username.indexOf(':');
    return colon < 0 ? null : workerOfUfrag(username.slice(0, colon));
  }
}
