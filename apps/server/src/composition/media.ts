import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { err, type Log, ok, type Result } from '@switchyard/core/base';
import type {
  MediaCommand,
  MediaNotice,
  WorkerId,
  WorkerSettings,
} from '@switchyard/core/media-api';
import { MediaWorkerHost, probeBatchSockets } from '@switchyard/runtime/host';
import { TcpMediaRelay } from '@switchyard/runtime/net';
import type { Config } from '../config/index.ts';
import type { MediaAddress } from '../network/addresses.ts';
import { Advertiser } from '../network/advertiser.ts';
import { workerSettings } from '../network/media-plan.ts';
import { findPortProblem } from '../network/udp-ports.ts';
import { describePortProblem, type StartProblem } from '../start-problem.ts';

export interface MediaEvents {
  onNotice(worker: WorkerId, notice: MediaNotice): void;
  onLost(worker: WorkerId): void;
}

/** The media workers with everything that leads to them: their ports, the relay for TCP, what is advertised. */
export class Media {
  readonly relay = new TcpMediaRelay();
  readonly advertiser: Advertiser;
  readonly #workers: MediaWorkerHost;
  readonly #sockets: readonly { readonly address: string; readonly port: number }[];
  /** Of the sockets between workers; readable for us alone. */
  readonly #pipeFolder: string;

  constructor(
    config: Config,
    addresses: readonly MediaAddress[],
    sockets: WorkerSettings['sockets'],
    log: Log,
    events: MediaEvents,
  ) {
    this.advertiser = new Advertiser(addresses);
    this.#pipeFolder = mkdtempSync(join(tmpdir(), 'sy-'));
    const workers = workerSettings(config, addresses, this.#pipeFolder, sockets);
    this.#sockets = workers.flatMap(({ udp }) => udp);
    this.#workers = new MediaWorkerHost({
      workers,
      log,
      onReady: (worker, notice) => {
        this.advertiser.setUdp(worker, notice.udp);
        const stream = this.#workers.relayStream(worker);
        if (stream !== null) this.relay.attach(worker, stream);
        events.onNotice(worker, notice);
      },
      onNotice: events.onNotice,
      onLost: events.onLost,
    });
  }

  get isReady(): boolean {
    return this.#workers.readyCount > 0;
  }

  /** Resolves when all workers are ready. */
  async start(): Promise<Result<void, StartProblem>> {
    const problem = await findPortProblem(this.#sockets);
    if (problem !== null) return err(describePortProblem('UDP', problem, problem.code));
    try {
      await this.#workers.start();
      return ok(undefined);
    } catch (error) {
      return err({
        message: error instanceof Error ? error.message : String(error),
        fix: 'What it said stands above. With rtc.sockets "portable" it needs no system calls of its own.',
      });
    }
  }

  send(worker: WorkerId, command: MediaCommand): void {
    this.#workers.send(worker, command);
  }

  async close(): Promise<void> {
    this.relay.close();
    await this.#workers.close();
    rmSync(this.#pipeFolder, { recursive: true, force: true });
  }
}

/** The sockets of the media workers; `auto` takes the faster ones where they work, and says where they do not. */
export async function chooseSockets(
  { rtc }: Pick<Config, 'rtc'>,
  log: Log,
  probe: () => Promise<string | null> = probeBatchSockets,
): Promise<WorkerSettings['sockets']> {
  if (rtc.sockets !== 'auto') return rtc.sockets;
  const reason = await probe();
  if (reason === null) return 'batch';
  log.warn({ reason }, 'batched system calls do not work here: media costs more CPU');
  return 'portable';
}
