import { randomInt } from 'node:crypto';
import { earlier, type Millis, millis } from '@switchyard/core/base';
import type {
  MediaCommand,
  MediaNotice,
  SlotId,
  TrackId,
  WorkerSettings,
} from '@switchyard/core/media-api';
import type { WallClock } from '@switchyard/engine/peer';
import { OpensslDtlsContext, type SeqpacketSocket } from '../native/index.ts';
import { CommandHandler } from './command-handler.ts';
import { FaultBoundary } from './fault-boundary.ts';
import { Housekeeping } from './housekeeping.ts';
import { Incoming } from './incoming.ts';
import { Outgoing } from './outgoing.ts';
import { PipeHub } from './pipe-hub.ts';
import { StunRouter } from './stun-router.ts';
import { Transports } from './transports.ts';
import { openUdpPort, type UdpPort } from './udp-ports.ts';
import { RECEIVE_SLOTS, WorkerState } from './worker-state.ts';

/** A replay of a keyframe cache goes on in the next turn, which comes after this. */
const REPLAY_INTERVAL_MS = 5;
/** Seconds from 1900 (NTP) to 1970. */
const NTP_EPOCH_S = 2_208_988_800;

/** What the loop has to wait on besides the sockets that it found at the start. */
export interface LoopHooks {
  watchPipe(socket: SeqpacketSocket, watch: boolean): void;
  watchPort(port: UdpPort, watch: boolean): void;
}

/**
 * Everything of one media worker but the loop that calls it: sockets, transports, tracks, slots. One turn:
 * `incoming` for each readable socket, then `finishTurn`. Commands come between turns.
 *
 * A bug that shows while one peer is served ends that peer; any other is thrown to the loop and ends the worker.
 */
export class MediaWorker {
  readonly state: WorkerState;
  readonly incoming: Incoming;
  readonly #settings: WorkerSettings;
  readonly #hooks: LoopHooks;
  readonly #dtls = new OpensslDtlsContext();
  readonly #faults: FaultBoundary;
  readonly #transports: Transports;
  readonly #commands: CommandHandler;
  readonly #housekeeping: Housekeeping;

  constructor(settings: WorkerSettings, now: Millis, hooks: LoopHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    const state = new WorkerState(settings);
    this.state = state;
    const stun = new StunRouter(
      settings.limits.unauthenticatedChecksPerSecond,
      randomInt(0x7fffffff),
    );
    this.#transports = new Transports({
      state,
      host: new Outgoing(state, stun),
      stun,
      dtls: this.#dtls,
      clock: ntpClock(now),
      watchPort: (port, watch) => hooks.watchPort(port, watch),
    });
    this.#faults = new FaultBoundary(state, (at, peer) => this.#transports.abandon(at, peer));
    this.incoming = new Incoming(state, stun, this.#faults, now);
    this.#housekeeping = new Housekeeping(state, now);
    this.#commands = new CommandHandler(state, this.#transports, stun, this.#housekeeping);
  }

  get fingerprint() {
    return this.#dtls.fingerprint;
  }

  get notices(): MediaNotice[] {
    return this.state.notices;
  }

  /** Opens the sockets of the settings. Rejects with a sentence when one cannot be had. */
  async open(): Promise<void> {
    const { state } = this;
    for (const { address, port } of this.#settings.udp) {
      const opened = await openUdpPort(state.portOptions(state.ports.length, address, port));
      if (!opened.ok)
        throw new Error(
          `udp ${address} port ${port}: ${opened.error.code} (${opened.error.detail})`,
        );
      state.ports.push(opened.value);
    }
    const { pipeFolder, worker } = this.#settings;
    if (pipeFolder !== null && this.#settings.sockets === 'batch')
      state.pipes = new PipeHub(worker, pipeFolder, {
        slab: state.slab,
        receiveAt: 0,
        receiveSlots: RECEIVE_SLOTS,
        ring: state.ring,
        track: (id) => state.tracks.get(id) ?? null,
        handlePiped: (now, track, layer, at, length) =>
          this.incoming.handlePiped(now, track, layer, at, length),
        watch: (socket) => this.#hooks.watchPipe(socket, true),
        unwatch: (socket) => this.#hooks.watchPipe(socket, false),
      });
  }

  /** Applies one command, between turns. */
  handleCommand(now: Millis, command: MediaCommand): void {
    try {
      this.#faults.subject = this.#commands.subject(command);
      this.#commands.handle(now, command);
    } catch (error) {
      // A transport that could not be made is not among the peers.
      if (command.kind === 'openTransport') this.#faults.report(command.transport, error);
      else this.#faults.handle(now, error);
    }
  }

  /** Timers, replays, keyframe requests, notices, and the last flush. */
  finishTurn(now: Millis): void {
    while (!this.#isServed(now));
    this.#faults.subject = null;
    this.#housekeeping.handleTimeout(now);
    this.#drainEvents(now);
    this.state.flush();
  }

  nextTimeout(): Millis {
    const { context, peers, plain } = this.state;
    let next = earlier(peers.earliest, this.#housekeeping.nextTimeout());
    if (context.replaying.size > 0)
      next = earlier(next, millis(performance.now() + REPLAY_INTERVAL_MS));
    for (const layer of context.wanting) next = earlier(next, layer.keyframes.nextTimeout());
    for (const { peer } of plain.values()) next = earlier(next, peer.nextTimeout());
    return next;
  }

  close(now: Millis): void {
    const { peers, ports, pipes } = this.state;
    for (const peer of [...peers.byId.values()]) this.#transports.close(now, peer);
    this.state.flush();
    for (const port of ports) port.socket.close();
    pipes?.close();
  }

  /** Does what is due for peers; false when one of them has ended by a fault, and the others are to be looked at. */
  #isServed(now: Millis): boolean {
    try {
      this.#serveDeadlines(now);
      this.#serveLayers(now);
      return true;
    } catch (error) {
      this.#faults.handle(now, error);
      return false;
    }
  }

  #serveDeadlines(now: Millis): void {
    const { peers, plain } = this.state;
    for (let peer = peers.popDue(now); peer !== null; peer = peers.popDue(now)) {
      this.#faults.subject = peer;
      peer.handleTimeout(now);
      peers.arm(peer);
    }
    for (const { peer } of plain.values()) {
      this.#faults.subject = peer;
      if (now >= peer.nextTimeout()) peer.handleTimeout(now);
    }
  }

  #serveLayers(now: Millis): void {
    const { context, homes } = this.state;
    for (const slot of context.replaying) {
      this.#faults.subject = homes.get(slot) ?? null;
      slot.replay(now);
    }
    for (const layer of context.wanting) {
      this.#faults.subject = homes.get(layer.track) ?? null;
      if (layer.keyframes.poll(now)) layer.track.requestKeyframe(now, layer);
      if (!layer.keyframes.isWanted) context.wanting.delete(layer);
    }
  }

  #drainEvents(now: Millis): void {
    const { context, notices, slots, homes } = this.state;
    const { events } = context;
    for (const event of events)
      if (event.kind === 'slotSwitched') {
        const { slot, track, rtpTimestamp } = event;
        notices.push({
          kind: 'slotSwitched',
          slot: slot as SlotId,
          track: track as TrackId,
          rtpTimestamp,
        });
        const owner = slots.get(slot);
        if (owner !== undefined) homes.get(owner)?.session.reportSoon(now);
      } else if (event.kind === 'slotUnavailable')
        notices.push({
          kind: 'slotUnavailable',
          slot: event.slot as SlotId,
          track: event.track as TrackId,
          reason: 'codec',
        });
      else this.#housekeeping.announce(event.track);
    events.length = 0;
  }
}

/** One offset for the life of the process: sender reports must not jump when the system's clock is set. */
function ntpClock(now: Millis): WallClock {
  const offsetMs = Date.now() + NTP_EPOCH_S * 1000 - now;
  return { ntpMs: (instant) => instant + offsetMs };
}
