import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Adapter } from '../adapters/adapter.ts';
import { LoadClient, type LoadStats, type LocalPeer } from './load-client.ts';
import { fanOut, publishersOf, type Shape, shapeName } from './shape.ts';
import {
  type CpuUse,
  coreBusyS,
  cpuUse,
  processTree,
  residentMib,
  udpOverflows,
} from './system.ts';

export interface SessionOptions {
  readonly serverCore: number;
  readonly clientCore: number;
  /** SRTP profile: gcm, gcm256 or cm. */
  readonly srtp: string;
  /** Options of the load client, such as `--fps 60`. */
  readonly clientArgs: readonly string[];
  /** Name of the server in the results. */
  readonly label: string;
}

/** One line of results; docs/benchmarks.md says what each field means. */
export interface Result {
  readonly server: string;
  readonly version: string;
  readonly shape: string;
  readonly srtp: string;
  readonly rt: boolean;
  readonly secs: number;
  readonly setup_ms: number;
  readonly delivered_pps: number;
  readonly delivered_mbps: number;
  readonly loss_pct: number;
  readonly gap_loss_pct: number;
  readonly cpu_us_per_pkt: number;
  readonly stat_us_per_pkt: number;
  readonly user_us_per_pkt: number;
  readonly sys_us_per_pkt: number;
  readonly cpu_pct: number;
  readonly foreign_pct: number;
  readonly ctxsw_per_s: number;
  readonly threads: number;
  readonly lat_p50_ms: number;
  readonly lat_p99_ms: number;
  readonly lat_max_ms: number;
  readonly rss_mib: number;
  readonly rss_base_mib: number;
  readonly rss_kib_per_sub: number;
  readonly client: ClientHealth;
}

export interface ClientHealth {
  readonly cpu_pct: number;
  readonly streams: number;
  readonly stream_min: number;
  readonly stream_max: number;
  readonly auth_fail: number;
  readonly bad_payload: number;
  readonly drops: number;
  readonly udp_rcvbuf_errors: number;
  readonly tx_err: number;
  readonly pli: number;
  readonly nack: number;
  readonly lag_p99_ms: number;
  readonly pub_late_p99_ms: number;
  readonly failed: number;
}

/** How many subscribers join at the same time while a measurement is being set up. */
const JOINING_AT_ONCE = 4;

/** One server and one load client, from start to stop. */
export class Session {
  readonly #adapter: Adapter;
  readonly #shape: Shape;
  readonly #options: SessionOptions;
  readonly client: LoadClient;
  #subscribers = 0;
  #setupMs = 0;
  #residentBase = 0;
  #residentPublishing = 0;

  private constructor(adapter: Adapter, shape: Shape, options: SessionOptions) {
    this.#adapter = adapter;
    this.#shape = shape;
    this.#options = options;
    this.client = new LoadClient(options.clientCore, options.srtp, options.clientArgs);
  }

  /** Starts server and client and connects the publishers; media flows when this resolves. */
  static async open(adapter: Adapter, shape: Shape, options: SessionOptions): Promise<Session> {
    pinHarness(options.clientCore);
    const session = new Session(adapter, shape, options);
    try {
      await session.#start();
      return session;
    } catch (error) {
      const log = adapter.log();
      await session.close();
      throw new Error(`${options.label}: ${String(error)}\n${log}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.client.stop();
    await this.#adapter.stop();
  }

  /** Adds subscribers up to so many in all. In a conference whose participants join both ways there are none to add. */
  async growTo(subscribers: number): Promise<void> {
    const start = performance.now();
    if (!this.#joinsBothWays) {
      let next = this.#subscribers;
      await Promise.all(
        Array.from({ length: JOINING_AT_ONCE }, async () => {
          while (next < subscribers) await this.addSubscriber(++next);
        }),
      );
    }
    this.#subscribers = subscribers;
    await this.#adapter.ready();
    this.#setupMs = performance.now() - start;
  }

  /** Connects one subscriber; resolves with its endpoints once their SRTP keys are there. */
  async addSubscriber(
    subscriber: number,
    prepare: (local: LocalPeer) => void = () => {},
  ): Promise<LocalPeer[]> {
    const publishers = publishersOf(this.#shape, subscriber);
    const count = this.#adapter.peersPerSubscriber(publishers.length);
    const locals: LocalPeer[] = [];
    for (let i = 0; i < count; i++) locals.push(await this.client.peer());
    locals.forEach(prepare);
    const remotes = await this.#adapter.subscribe(subscriber, publishers, locals);
    await Promise.all(
      locals.map((local, i) => {
        const remote = remotes[i];
        if (!remote) throw new Error('the adapter gave too few remotes');
        return this.client.connect(local, remote);
      }),
    );
    return locals;
  }

  /** Lets the shape run and counts for so long. A hook is a shell command; `{pids}` in it stands for the server's. */
  async measure(warmUpS: number, seconds: number, hook?: string): Promise<Result> {
    await this.client.spin(true);
    await sleep(warmUpS * 1000);
    const pids = processTree(this.#adapter.pids());
    await this.client.reset();
    const before = this.#probe(pids);
    if (hook) spawn('sh', ['-c', hook.replaceAll('{pids}', pids.join(','))], { stdio: 'inherit' });
    await sleep(seconds * 1000);
    const after = this.#probe(pids);
    const stats = await this.client.stats();
    await this.client.spin(false);
    return this.#report(pids, before, after, stats);
  }

  get #joinsBothWays(): boolean {
    return this.#shape.kind === 'conference' && this.#adapter.join !== undefined;
  }

  async #start(): Promise<void> {
    await this.#adapter.start();
    await sleep(500);
    this.#residentBase = residentMib(processTree(this.#adapter.pids()));
    for (let p = 1; p <= this.#shape.publishers; p++) await this.#addPublisher(p);
    await this.client.media(true);
    await sleep(300);
    this.#residentPublishing = residentMib(processTree(this.#adapter.pids()));
  }

  async #addPublisher(publisher: number): Promise<void> {
    const local = await this.client.peer();
    const audio = { ssrc: 100_000 + publisher, payloadType: 111, mid: '0' };
    const video = { ssrc: 200_000 + publisher, payloadType: 96, mid: '1' };
    const join = this.#joinsBothWays ? this.#adapter.join?.bind(this.#adapter) : undefined;
    const remote = join
      ? await join(publisher, this.#shape.publishers, local, audio, video)
      : await this.#adapter.publish(publisher, local, audio, video);
    this.client.publish(local, audio, video, remote);
    await this.client.connect(local, remote);
  }

  #probe(pids: readonly number[]): Probe {
    return {
      server: cpuUse(pids),
      client: cpuUse([this.client.pid]),
      coreBusyS: coreBusyS(this.#options.serverCore),
      overflows: udpOverflows(),
      atMs: performance.now(),
    };
  }

  #report(pids: readonly number[], before: Probe, after: Probe, stats: LoadStats): Result {
    const elapsedS = (after.atMs - before.atMs) / 1000;
    const wanted = stats.tx_pkts * fanOut(this.#shape, this.#subscribers);
    const used = total(after.server) - total(before.server);
    const perPacket = (seconds: number) => round((seconds * 1e6) / stats.rx_pkts);
    const percent = (seconds: number) => round((seconds / elapsedS) * 100, 1);
    const grownKib = (residentMib(pids) - this.#residentPublishing) * 1024;
    return {
      server: this.#options.label,
      version: this.#adapter.version,
      shape: shapeName(this.#shape, this.#subscribers),
      srtp: this.client.profile,
      rt: process.env['BENCH_RT'] === '1',
      secs: round(elapsedS, 1),
      setup_ms: Math.round(this.#setupMs),
      delivered_pps: Math.round(stats.rx_pkts / stats.secs),
      delivered_mbps: round((stats.rx_bytes * 8) / stats.secs / 1e6, 1),
      loss_pct: round(Math.max(0, 1 - stats.rx_pkts / wanted) * 100),
      gap_loss_pct: round(((stats.expected - stats.rx_pkts) / Math.max(1, stats.expected)) * 100),
      cpu_us_per_pkt: perPacket(after.server.runS - before.server.runS),
      stat_us_per_pkt: perPacket(used),
      user_us_per_pkt: perPacket(after.server.userS - before.server.userS),
      sys_us_per_pkt: perPacket(after.server.systemS - before.server.systemS),
      cpu_pct: percent(used),
      foreign_pct: percent(after.coreBusyS - before.coreBusyS - used),
      ctxsw_per_s: Math.round(
        (after.server.contextSwitches - before.server.contextSwitches) / elapsedS,
      ),
      threads: after.server.threads,
      lat_p50_ms: stats.lat_ms.p50,
      lat_p99_ms: stats.lat_ms.p99,
      lat_max_ms: stats.lat_ms.max,
      rss_mib: round(residentMib(pids), 1),
      rss_base_mib: round(this.#residentBase, 1),
      rss_kib_per_sub: round(grownKib / Math.max(1, this.#subscribers), 0),
      client: {
        cpu_pct: percent(total(after.client) - total(before.client)),
        streams: stats.streams,
        stream_min: stats.stream_min_pkts,
        stream_max: stats.stream_max_pkts,
        auth_fail: stats.auth_fail,
        bad_payload: stats.bad_payload,
        drops: stats.client_drops,
        udp_rcvbuf_errors: after.overflows - before.overflows,
        tx_err: stats.tx_err,
        pli: stats.pli,
        nack: stats.nack,
        lag_p99_ms: stats.client_lag_p99_ms,
        pub_late_p99_ms: stats.pub_late_p99_ms,
        failed: this.client.failedCount,
      },
    };
  }
}

interface Probe {
  readonly server: CpuUse;
  readonly client: CpuUse;
  readonly coreBusyS: number;
  readonly overflows: number;
  readonly atMs: number;
}

const total = (use: CpuUse): number => use.userS + use.systemS;

function round(value: number, digits = 3): number {
  return Number.isFinite(value) ? Number(value.toFixed(digits)) : -1;
}

/** Keeps this process off the server's core, and raises the session where scheduler autogroups would hide nice. */
function pinHarness(core: number): void {
  execFileSync('taskset', ['-a', '-p', '-c', String(core), String(process.pid)], {
    stdio: 'ignore',
  });
  try {
    writeFileSync('/proc/self/autogroup', '-15');
  } catch {
    // not permitted or not built into this kernel: only the spread of the results suffers
  }
}

/** Waits until both cores are idle for two seconds, at most so long. Returns whether they became idle. */
export async function waitForQuiet(cores: readonly number[], maxS: number): Promise<boolean> {
  const busy = () => cores.reduce((sum, core) => sum + coreBusyS(core), 0);
  const end = performance.now() + maxS * 1000;
  while (performance.now() < end) {
    const before = busy();
    await sleep(2_000);
    if (busy() - before < 0.3) return true;
  }
  return false;
}
