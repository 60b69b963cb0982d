import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { compile, pinned } from './child.ts';

/** An endpoint of the load client: everything a server needs to know of it. */
export interface LocalPeer {
  readonly id: number;
  readonly ip: string;
  readonly port: number;
  readonly ufrag: string;
  readonly pwd: string;
  /** SHA-256, colon-separated hex. */
  readonly fingerprint: string;
}

/** The server's side of one transport, and the roles the load client takes towards it. */
export interface RemotePeer {
  readonly ip: string;
  readonly port: number;
  readonly ufrag: string;
  readonly pwd: string;
  readonly dtls: 'active' | 'passive';
  readonly ice: 'controlling' | 'controlled';
  /** Id of the MID header extension, 0 when the server did not take it. */
  readonly midExtension: number;
  /** Id of the audio level extension (RFC 6464), 0 when it was not negotiated. */
  readonly levelExtension: number;
}

export interface Stream {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly mid: string;
}

/** Counters since the last `reset`, as client/loadgen.c prints them. */
export interface LoadStats {
  readonly secs: number;
  readonly streams: number;
  readonly stream_min_pkts: number;
  readonly stream_max_pkts: number;
  readonly rx_pkts: number;
  readonly rx_bytes: number;
  readonly expected: number;
  readonly tx_pkts: number;
  readonly tx_err: number;
  readonly auth_fail: number;
  readonly bad_payload: number;
  readonly pli: number;
  readonly nack: number;
  readonly client_drops: number;
  readonly lat_ms: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly client_lag_p99_ms: number;
  readonly pub_late_p99_ms: number;
}

type Message =
  | { t: 'up'; id: number; ms: number; profile: string }
  | { t: 'fail'; id: number; why: string }
  | { t: 'decodable'; id: number; at_ms: number }
  | { t: 'error'; why: string }
  | { t: 'hello'; fingerprint: string }
  | { t: 'local'; id: number; port: number; ufrag: string; pwd: string }
  | ({ t: 'stats' } & LoadStats)
  | { t: 'ok' };

const PROFILES: Readonly<Record<string, string>> = {
  gcm: 'SRTP_AEAD_AES_128_GCM',
  gcm256: 'SRTP_AEAD_AES_256_GCM',
  cm: 'SRTP_AES128_CM_SHA1_80',
};

/** Starts and drives client/loadgen.c, the farm of media endpoints. */
export class LoadClient {
  readonly #child: ChildProcess;
  /** Commands are answered in order. */
  readonly #waiting: PromiseWithResolvers<Message>[] = [];
  readonly #up = new Map<number, PromiseWithResolvers<void>>();
  readonly #decodable = new Map<number, (atMs: number) => void>();
  readonly #hello: Promise<Message>;
  #nextId = 1;
  failedCount = 0;
  profile = '';

  /** @param args options of loadgen such as `--fps 60`; see docs/benchmarks.md. */
  constructor(core: number, srtp: string, args: readonly string[]) {
    const program = compile('client/loadgen.c', ['-lsrtp2', '-lssl', '-lcrypto']);
    const [command = '', ...rest] = [
      ...pinned(core),
      program,
      '--srtp',
      PROFILES[srtp] ?? srtp,
      ...args,
    ];
    this.#child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout) {
      createInterface({ input: this.#child.stdout }).on('line', (line) =>
        this.#take(JSON.parse(line)),
      );
    }
    this.#child.on('exit', (code) => {
      for (const waiting of this.#waiting.splice(0))
        waiting.reject(new Error(`loadgen ended with ${code}`));
    });
    this.#hello = this.#answer();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** A new endpoint with its own socket and ICE credentials. */
  async peer(): Promise<LocalPeer> {
    const hello = await this.#hello;
    const id = this.#nextId++;
    const local = await this.#command(`peer ${id}`);
    if (local.t !== 'local' || hello.t !== 'hello') throw new Error('loadgen: unexpected answer');
    const { port, ufrag, pwd } = local;
    return { id, ip: '127.0.0.1', port, ufrag, pwd, fingerprint: hello.fingerprint };
  }

  /** Runs ICE and DTLS towards the server; resolves when SRTP keys are there. */
  async connect(local: LocalPeer, remote: RemotePeer, timeoutMs = 20_000): Promise<void> {
    const up = Promise.withResolvers<void>();
    this.#up.set(local.id, up);
    const timer = setTimeout(
      () => up.reject(new Error(`peer ${local.id}: no ICE and DTLS in ${timeoutMs} ms`)),
      timeoutMs,
    );
    const { ip, port, ufrag, pwd, dtls, ice } = remote;
    this.#send(`remote ${local.id} ${ip} ${port} ${ufrag} ${pwd} ${dtls} ${ice}`);
    try {
      await up.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes an endpoint a publisher; media flows from `media(true)` on. */
  publish(local: LocalPeer, audio: Stream, video: Stream, remote: RemotePeer): void {
    const streams = `${audio.ssrc} ${audio.payloadType} ${video.ssrc} ${video.payloadType}`;
    const { midExtension, levelExtension } = remote;
    this.#send(
      `pub ${local.id} ${streams} ${midExtension} ${audio.mid} ${video.mid} ${levelExtension}`,
    );
  }

  /** Resolves with the time (performance.timeOrigin is not involved: CLOCK_MONOTONIC, ms) of the first whole keyframe. */
  decodable(local: LocalPeer): Promise<number> {
    this.#send(`watch ${local.id}`);
    return new Promise((resolve) => this.#decodable.set(local.id, resolve));
  }

  async media(on: boolean): Promise<void> {
    await this.#command(`media ${on ? 1 : 0}`);
  }

  /** Spinning keeps the server from paying for wake-ups of this client; for measuring only. */
  async spin(on: boolean): Promise<void> {
    await this.#command(`spin ${on ? 1 : 0}`);
  }

  async reset(): Promise<void> {
    await this.#command('reset');
  }

  async stats(): Promise<LoadStats> {
    const answer = await this.#command('stats');
    if (answer.t !== 'stats') throw new Error('loadgen: unexpected answer');
    return answer;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => this.#child.on('exit', () => resolve()));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 2_000);
    this.#send('quit');
    await ended;
    clearTimeout(timer);
  }

  #take(message: Message): void {
    switch (message.t) {
      case 'up':
        this.profile = message.profile;
        this.#up.get(message.id)?.resolve();
        return;
      case 'fail':
        this.failedCount++;
        this.#up.get(message.id)?.reject(new Error(`peer ${message.id}: ${message.why}`));
        return;
      case 'decodable':
        this.#decodable.get(message.id)?.(message.at_ms);
        return;
      case 'error':
        this.#waiting.shift()?.reject(new Error(`loadgen: ${message.why}`));
        return;
      default:
        this.#waiting.shift()?.resolve(message);
    }
  }

  #answer(): Promise<Message> {
    const waiting = Promise.withResolvers<Message>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #command(line: string): Promise<Message> {
    const answer = this.#answer();
    this.#send(line);
    return answer;
  }

  #send(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }
}
