import { ServerProcess } from '../lib/child.ts';
import type { LocalPeer, RemotePeer, Stream } from '../lib/load-client.ts';
import { type OfferedMedia, parseSdp, remotePeer, writeOffer } from '../lib/sdp.ts';
import type { Adapter, AdapterOptions } from './adapter.ts';

/** Where a WHIP/WHEP server is and how to start it. `{pub}` and `{sub}` in the URLs stand for the numbers. */
export interface WhipServer {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly whip: string;
  /** Without `{pub}`: one WHEP session carries all publishers. */
  readonly whep: string;
  /** Polled until it answers with a good status. */
  readonly ready: string;
  readonly token?: string;
}

/**
 * Any server that speaks WHIP (RFC 9725) and WHEP: POST an SDP offer with all candidates, take the SDP answer.
 * Settings: `cmd`, `whip`, `whep`, `ready`, and optionally `token` and `name`.
 */
export class WhipAdapter implements Adapter {
  readonly #server: WhipServer;
  readonly #core: number;
  #process: ServerProcess | null = null;
  version = '';

  constructor(options: AdapterOptions, server: WhipServer = serverFrom(options.settings)) {
    this.#core = options.core;
    this.#server = server;
  }

  async start(): Promise<void> {
    this.#process = new ServerProcess(this.#core, this.#server.command, this.#server.env);
    await this.#process.until(async () => {
      const response = await fetch(this.#server.ready);
      if (!response.ok) throw new Error(`${this.#server.ready}: ${response.status}`);
    });
    this.version = this.#server.name;
  }

  pids(): number[] {
    return this.#process ? [this.#process.pid] : [];
  }

  peersPerSubscriber(publishers: number): number {
    return this.#server.whep.includes('{pub}') ? publishers : 1;
  }

  async publish(
    publisher: number,
    local: LocalPeer,
    audio: Stream,
    video: Stream,
  ): Promise<RemotePeer> {
    const offer = writeOffer(local, [
      { kind: 'audio', direction: 'sendonly', ...audio },
      { kind: 'video', direction: 'sendonly', ...video },
    ]);
    return this.#exchange(this.#server.whip.replaceAll('{pub}', String(publisher)), offer);
  }

  async subscribe(
    subscriber: number,
    publishers: readonly number[],
    locals: readonly LocalPeer[],
  ): Promise<RemotePeer[]> {
    const perPeer = locals.length === 1 ? [publishers] : publishers.map((publisher) => [publisher]);
    return Promise.all(
      locals.map((local, i) => {
        const taken = perPeer[i] ?? [];
        const url = this.#server.whep
          .replaceAll('{pub}', String(taken[0]))
          .replaceAll('{sub}', String(subscriber));
        return this.#exchange(url, writeOffer(local, taken.flatMap(receivingMedia)));
      }),
    );
  }

  async ready(): Promise<void> {}

  log(): string {
    return this.#process?.tail() ?? '';
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  async #exchange(url: string, offer: string): Promise<RemotePeer> {
    const headers: Record<string, string> = { 'content-type': 'application/sdp' };
    if (this.#server.token) headers['authorization'] = `Bearer ${this.#server.token}`;
    const response = await fetch(url, { method: 'POST', headers, body: offer });
    const body = await response.text();
    if (!response.ok) throw new Error(`${url}: ${response.status} ${body.slice(0, 300)}`);
    return remotePeer(parseSdp(body), true);
  }
}

function receivingMedia(_publisher: number, index: number): OfferedMedia[] {
  return [
    { kind: 'audio', mid: String(2 * index), payloadType: 111, direction: 'recvonly' },
    { kind: 'video', mid: String(2 * index + 1), payloadType: 96, direction: 'recvonly' },
  ];
}

function serverFrom(settings: Readonly<Record<string, string>>): WhipServer {
  const { cmd, whip, whep, ready, name = 'whip', token } = settings;
  if (!cmd || !whip || !whep || !ready) {
    throw new Error('whip: give --set cmd="…" --set whip=URL --set whep=URL --set ready=URL');
  }
  return { name, command: cmd.split(' '), whip, whep, ready, ...(token ? { token } : {}) };
}
