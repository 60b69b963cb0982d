import { randomBytes, randomInt } from 'node:crypto';
import type { Millis, Random } from '@switchyard/core/base';
import type { MediaCommand } from '@switchyard/core/media-api';
import {
  type PeerHost,
  type PlainHost,
  PlainPeer,
  type WallClock,
  WebRtcPeer,
} from '@switchyard/engine/peer';
import { type Slot, Track } from '@switchyard/engine/sfu';
import type { OpensslDtlsContext } from '../native/index.ts';
import type { Peer } from './peer-table.ts';
import { stunCrypto } from './stun-crypto.ts';
import type { StunRouter } from './stun-router.ts';
import { openUdpPort, type UdpPort } from './udp-ports.ts';
import type { WorkerState } from './worker-state.ts';

/** Plain transports' sockets are numbered from here; the shared ones below. */
const FIRST_PLAIN_PORT = 300;
const CNAME = 'switchyard';

const random: Random = { fill: (out) => void out.set(randomBytes(out.length)) };

export interface TransportsOptions {
  readonly state: WorkerState;
  readonly host: PeerHost & PlainHost;
  readonly stun: StunRouter;
  readonly dtls: OpensslDtlsContext;
  readonly clock: WallClock;
  /** Wait on the socket of a plain transport from now on, or no longer. */
  readonly watchPort: (port: UdpPort, watch: boolean) => void;
}

/** Makes transports, and takes them out again with everything that is theirs. */
export class Transports {
  readonly #options: TransportsOptions;
  readonly #state: WorkerState;
  #nextPlainPort = FIRST_PLAIN_PORT;

  constructor(options: TransportsOptions) {
    this.#options = options;
    this.#state = options.state;
  }

  open(command: MediaCommand & { kind: 'openTransport' }): void {
    const { transport, ice, dtlsRole, fingerprints } = command;
    const state = this.#state;
    if (state.peers.size >= state.settings.limits.transports) {
      state.notifyState(transport, 'failed', 'the worker has as many transports as it may');
      return;
    }
    const { host, stun, dtls, clock } = this.#options;
    const peer = new WebRtcPeer({
      id: transport,
      host,
      ice,
      dtlsRole,
      fingerprints,
      dtls,
      stunCrypto,
      random,
      pool: state.pool,
      clock,
      ssrc: randomInt(1, 0xffffffff),
      cname: CNAME,
    });
    state.peers.add(peer);
    stun.add(ice.localUfrag, peer);
  }

  restartIce(now: Millis, command: MediaCommand & { kind: 'restartIce' }): void {
    const peer = this.#state.peers.get(command.transport);
    if (!(peer instanceof WebRtcPeer)) return;
    this.#options.stun.add(command.ice.localUfrag, peer);
    peer.restartIce(now, command.ice);
    this.#state.peers.arm(peer);
  }

  /** Never rejects: a socket that cannot be had is a transport that has failed. */
  async openPlain(command: MediaCommand & { kind: 'openPlainTransport' }): Promise<void> {
    const { transport, localAddress, localPort, remote } = command;
    const state = this.#state;
    const number = this.#nextPlainPort++;
    const opened = await openUdpPort(state.portOptions(number, localAddress, localPort));
    if (!opened.ok) {
      const { code, detail } = opened.error;
      state.notifyState(transport, 'failed', `udp ${localAddress}: ${code} (${detail})`);
      return;
    }
    const peer = new PlainPeer({
      id: transport,
      host: this.#options.host,
      pool: state.pool,
      clock: this.#options.clock,
      ssrc: randomInt(1, 0xffffffff),
      cname: CNAME,
    });
    const port = opened.value;
    if (remote !== null)
      peer.remote = port.addresses.acquire({ ip: remote.address, port: remote.port });
    state.peers.add(peer);
    state.plain.set(number, { peer, port });
    this.#options.watchPort(port, true);
    state.notices.push({ kind: 'plainTransportOpened', transport, localPort: port.socket.port });
  }

  close(now: Millis, peer: Peer): void {
    if (!this.#state.peers.remove(peer)) return;
    for (const thing of this.#thingsOf(peer)) this.#closeThing(now, thing);
    peer.close(now);
    this.#state.flush(); // close_notify, while its address is still known
    this.#forget(peer);
  }

  /** Closes a peer that is known to be broken: what throws on the way is not news, and ends nothing else. */
  abandon(now: Millis, peer: Peer): void {
    if (!this.#state.peers.remove(peer)) return;
    for (const thing of this.#thingsOf(peer)) {
      attempt(() => this.#closeThing(now, thing));
      this.#forgetThing(thing);
    }
    attempt(() => peer.close(now));
    attempt(() => this.#state.flush());
    this.#forget(peer);
  }

  closeTrack(now: Millis, track: Track): void {
    this.#state.tracks.delete(track.id);
    this.#state.pipes?.removeTrack(track);
    this.#state.homes.get(track)?.session.closeTrack(track);
    this.#state.homes.delete(track);
    track.close(now);
  }

  closeSlot(now: Millis, slot: Slot): void {
    this.#state.slots.delete(slot.id);
    slot.close(now);
    this.#state.homes.get(slot)?.session.removeSlot(slot);
    this.#state.homes.delete(slot);
  }

  #thingsOf(peer: Peer): (Track | Slot)[] {
    return [...this.#state.homes].filter(([, home]) => home === peer).map(([thing]) => thing);
  }

  #closeThing(now: Millis, thing: Track | Slot): void {
    if (thing instanceof Track) this.closeTrack(now, thing);
    else this.closeSlot(now, thing);
  }

  /** What `#closeThing` may have left undone. */
  #forgetThing(thing: Track | Slot): void {
    const { context, tracks, slots, homes } = this.#state;
    homes.delete(thing);
    if (thing instanceof Track) {
      tracks.delete(thing.id);
      for (const layer of thing.layers) context.wanting.delete(layer);
    } else {
      slots.delete(thing.id);
      context.replaying.delete(thing);
      thing.track?.removeSlot(thing);
    }
  }

  #forget(peer: Peer): void {
    const { plain, paths } = this.#state;
    if (peer instanceof WebRtcPeer) {
      paths.removePeer(peer);
      this.#options.stun.removePeer(peer);
      return;
    }
    for (const [number, { peer: owner, port }] of plain)
      if (owner === peer) {
        this.#options.watchPort(port, false);
        port.socket.close();
        plain.delete(number);
      }
  }
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // The first fault of the peer has been told.
  }
}
