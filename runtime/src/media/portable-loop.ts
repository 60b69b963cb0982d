import type { MediaCommand, WorkerSettings } from '@switchyard/core/media-api';
import { now as clock } from '../native/index.ts';
import type { ControlChannel } from './control-channel.ts';
import { Heartbeat } from './heartbeat.ts';
import { MediaWorker } from './media-worker.ts';
import { TcpPaths } from './tcp-paths.ts';
import type { UdpPort } from './udp-ports.ts';

/** Streams without epoll are looked at this often, ms. */
const POLL_MS = 5;

/**
 * The same worker on Node's own event loop and node:dgram, for platforms without batch system calls. Slower,
 * but the same behaviour; pipes between workers do not exist here.
 */
export class PortableLoop {
  readonly #settings: WorkerSettings;
  readonly #control: ControlChannel;
  readonly #worker: MediaWorker;
  readonly #relayFd: number;
  readonly #heartbeat = new Heartbeat(clock());
  readonly #ports = new Set<UdpPort>();
  #timer: NodeJS.Timeout | null = null;
  #isScheduled = false;

  constructor(settings: WorkerSettings, control: ControlChannel, relayFd: number) {
    this.#settings = settings;
    this.#control = control;
    this.#relayFd = relayFd;
    this.#worker = new MediaWorker(settings, clock(), {
      watchPipe: () => {},
      watchPort: (port, watch) => {
        if (watch) {
          this.#ports.add(port);
          port.socket.onReadable(() => this.#schedule());
        } else this.#ports.delete(port);
      },
    });
  }

  async run(commands: readonly MediaCommand[][]): Promise<void> {
    const worker = this.#worker;
    await worker.open();
    for (const port of worker.state.ports) {
      this.#ports.add(port);
      port.socket.onReadable(() => this.#schedule());
    }
    worker.state.tcp = new TcpPaths(this.#relayFd);
    worker.notices.push({
      kind: 'ready',
      worker: this.#settings.worker,
      pid: process.pid,
      udp: worker.state.ports.map(({ address, socket }) => ({ address, port: socket.port })),
      fingerprint: worker.fingerprint,
    });
    const now = clock();
    for (const batch of commands) for (const command of batch) worker.handleCommand(now, command);
    this.#turn();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const worker = this.#worker;
    const now = clock();
    for (const frame of this.#control.read())
      if (Array.isArray(frame)) for (const command of frame) worker.handleCommand(now, command);
    worker.incoming.handleTcp(now);
    for (const port of this.#ports) worker.incoming.handlePort(now, port);
    worker.finishTurn(now);
    const isDue = this.#heartbeat.isDue(now, worker.notices.length > 0);
    if (worker.notices.length > 0) this.#control.send(worker.notices.splice(0));
    else if (isDue) this.#control.sendSignOfLife();
    else this.#control.flush();
    if (this.#control.isClosed) {
      worker.close(now);
      process.exit(0);
    }
    if (this.#timer !== null) clearTimeout(this.#timer);
    const delayMs = Math.max(1, Math.min(POLL_MS, worker.nextTimeout() - clock()));
    this.#timer = setTimeout(() => this.#schedule(), delayMs);
  }
}
