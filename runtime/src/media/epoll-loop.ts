import type { Millis } from '@switchyard/core/base';
import type { MediaCommand, WorkerSettings } from '@switchyard/core/media-api';
import { now as clock, Epoll, Ready, type SeqpacketSocket } from '../native/index.ts';
import type { ControlChannel } from './control-channel.ts';
import { Heartbeat } from './heartbeat.ts';
import { MediaWorker } from './media-worker.ts';
import { TcpPaths } from './tcp-paths.ts';
import type { UdpPort } from './udp-ports.ts';

/** A sleeping worker looks around at least this often: for signs of life, signals and the inspector. */
const MAX_SLEEP_MS = 100;
/** Node's own loop costs some microseconds a round and as many cache lines: it is served this often, not every turn. */
const TURNS_MS = 20;
const MAX_EVENTS = 64;

/* Tokens: UDP sockets by number below these; pipes count from the last. */
const CONTROL = 1_000_000;
const RELAY = 1_000_001;
const PIPE_LISTENER = 1_000_002;
const FIRST_PIPE = 1_000_003;

/**
 * The run-to-completion loop on Linux: wait in epoll, take what came, forward it, send, look at timers and
 * commands. After some turns Node's own loop is served by way of `setImmediate`.
 */
export class EpollLoop {
  readonly #settings: WorkerSettings;
  readonly #control: ControlChannel;
  readonly #epoll = new Epoll(MAX_EVENTS);
  readonly #worker: MediaWorker;
  readonly #heartbeat = new Heartbeat(clock());
  readonly #ports = new Map<number, UdpPort>();
  readonly #pipes = new Map<number, SeqpacketSocket>();
  readonly #relayFd: number;
  #nextPipe = FIRST_PIPE;
  #controlWantsWrite = false;
  #relayIsOpen = true;

  constructor(settings: WorkerSettings, control: ControlChannel, relayFd: number) {
    this.#settings = settings;
    this.#control = control;
    this.#relayFd = relayFd;
    this.#worker = new MediaWorker(settings, clock(), {
      watchPipe: (socket, watch) => this.#watchPipe(socket, watch),
      watchPort: (port, watch) => this.#watchPort(port, watch),
    });
  }

  /** Opens the sockets, says that the worker is ready, and turns until the control stream ends. */
  async run(commands: readonly MediaCommand[][]): Promise<void> {
    const worker = this.#worker;
    await worker.open();
    for (const port of worker.state.ports) this.#watchPort(port, true);
    this.#epoll.add(this.#control.fd, CONTROL);
    worker.state.tcp = new TcpPaths(this.#relayFd);
    this.#epoll.add(this.#relayFd, RELAY);
    const { pipes } = worker.state;
    if (pipes !== null) this.#epoll.add(pipes.fd, PIPE_LISTENER);
    worker.notices.push({
      kind: 'ready',
      worker: this.#settings.worker,
      pid: process.pid,
      udp: worker.state.ports.map(({ address, socket }) => ({ address, port: socket.port })),
      fingerprint: worker.fingerprint,
    });
    const now = clock();
    for (const batch of commands) this.#apply(now, batch);
    const turns = (): void => {
      const end = clock() + TURNS_MS;
      while (this.#turn())
        if (clock() >= end) {
          setImmediate(turns);
          return;
        }
      this.#end();
    };
    turns();
  }

  #turn(): boolean {
    const worker = this.#worker;
    const timeoutMs = Math.min(MAX_SLEEP_MS, worker.nextTimeout() - clock());
    const count = this.#epoll.wait(timeoutMs);
    const now = clock();
    for (let i = 0; i < count; i++) this.#serve(now, this.#epoll.token(i));
    worker.finishTurn(now);
    const isDue = this.#heartbeat.isDue(now, worker.notices.length > 0);
    if (worker.notices.length > 0) this.#control.send(worker.notices.splice(0));
    else if (isDue) this.#control.sendSignOfLife();
    else if (this.#control.hasPending) this.#control.flush();
    this.#watchWrites();
    return !this.#control.isClosed;
  }

  #serve(now: Millis, token: number): void {
    const worker = this.#worker;
    const port = this.#ports.get(token);
    if (port !== undefined) worker.incoming.handlePort(now, port);
    else if (token === CONTROL) for (const frame of this.#control.read()) this.#apply(now, frame);
    else if (token === RELAY) this.#serveRelay(now);
    else if (token === PIPE_LISTENER) worker.state.pipes?.accept();
    else {
      const socket = this.#pipes.get(token);
      if (socket !== undefined) worker.incoming.handlePipe(now, socket);
    }
  }

  #serveRelay(now: Millis): void {
    if (!this.#relayIsOpen || this.#worker.incoming.handleTcp(now)) return;
    this.#relayIsOpen = false;
    this.#epoll.remove(this.#relayFd);
  }

  #apply(now: Millis, frame: WorkerSettings | readonly MediaCommand[]): void {
    if (!Array.isArray(frame)) return;
    for (const command of frame as readonly MediaCommand[])
      this.#worker.handleCommand(now, command);
  }

  #watchPort(port: UdpPort, watch: boolean): void {
    if (watch) {
      this.#ports.set(port.number, port);
      this.#epoll.add(port.socket.fd, port.number);
    } else {
      this.#ports.delete(port.number);
      this.#epoll.remove(port.socket.fd);
    }
  }

  #watchPipe(socket: SeqpacketSocket, watch: boolean): void {
    if (watch) {
      const token = this.#nextPipe++;
      this.#pipes.set(token, socket);
      this.#epoll.add(socket.fd, token);
      return;
    }
    for (const [token, other] of this.#pipes)
      if (other === socket) {
        this.#pipes.delete(token);
        this.#epoll.remove(socket.fd);
      }
  }

  /** Asks to be woken when the main process reads again, while something waits for it. */
  #watchWrites(): void {
    const wants = this.#control.hasPending;
    if (wants === this.#controlWantsWrite) return;
    this.#controlWantsWrite = wants;
    this.#epoll.modify(this.#control.fd, CONTROL, wants ? Ready.read | Ready.write : Ready.read);
  }

  #end(): void {
    this.#worker.close(clock());
    process.exit(0);
  }
}
