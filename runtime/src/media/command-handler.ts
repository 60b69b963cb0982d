import { randomInt } from 'node:crypto';
import type { Millis } from '@switchyard/core/base';
import type { MediaCommand } from '@switchyard/core/media-api';
import { Slot, Track } from '@switchyard/engine/sfu';
import type { Housekeeping } from './housekeeping.ts';
import type { Peer } from './peer-table.ts';
import type { StunRouter } from './stun-router.ts';
import type { Transports } from './transports.ts';
import type { WorkerState } from './worker-state.ts';

/** Applies what the rooms tell, between turns. What names something that is gone is passed over. */
export class CommandHandler {
  readonly #state: WorkerState;
  readonly #transports: Transports;
  readonly #stun: StunRouter;
  readonly #housekeeping: Housekeeping;

  constructor(
    state: WorkerState,
    transports: Transports,
    stun: StunRouter,
    housekeeping: Housekeeping,
  ) {
    this.#state = state;
    this.#transports = transports;
    this.#stun = stun;
    this.#housekeeping = housekeeping;
  }

  /** The peer that the command is about; null for none. */
  subject(command: MediaCommand): Peer | null {
    const { peers, tracks, slots, homes } = this.#state;
    if ('transport' in command) return peers.get(command.transport) ?? null;
    const thing =
      'slot' in command
        ? slots.get(command.slot)
        : 'track' in command
          ? tracks.get(command.track)
          : undefined;
    return thing === undefined ? null : (homes.get(thing) ?? null);
  }

  handle(now: Millis, command: MediaCommand): void {
    const { peers, tracks, slots, pipes } = this.#state;
    switch (command.kind) {
      case 'openTransport':
        this.#transports.open(command);
        return;
      case 'restartIce':
        this.#transports.restartIce(now, command);
        return;
      case 'openPlainTransport':
        void this.#transports.openPlain(command);
        return;
      case 'closeTransport': {
        const peer = peers.get(command.transport);
        if (peer !== undefined) this.#transports.close(now, peer);
        return;
      }
      case 'setIncoming':
        peers.get(command.transport)?.session.setIncoming(command.media);
        return;
      case 'openTrack':
        this.#openTrack(command);
        return;
      case 'closeTrack': {
        const track = tracks.get(command.track);
        if (track !== undefined) this.#transports.closeTrack(now, track);
        return;
      }
      case 'muteTrack':
        tracks.get(command.track)?.setMuted(command.muted);
        return;
      case 'requestKeyframe':
        for (const layer of tracks.get(command.track)?.layers ?? []) layer.wantKeyframe(now);
        return;
      case 'openSlot':
        this.#openSlot(now, command);
        return;
      case 'closeSlot': {
        const slot = slots.get(command.slot);
        if (slot !== undefined) this.#transports.closeSlot(now, slot);
        return;
      }
      case 'assignSlot': {
        const track = command.track === null ? null : (tracks.get(command.track) ?? null);
        slots.get(command.slot)?.assign(now, track, command.layers);
        return;
      }
      case 'pipeTrack': {
        const track = tracks.get(command.track);
        if (track !== undefined) pipes?.addSink(track, command.to);
        return;
      }
      case 'unpipeTrack': {
        const track = tracks.get(command.track);
        if (track !== undefined) pipes?.removeSink(track, command.to);
        return;
      }
      case 'receivePipedTrack':
        this.#receivePipedTrack(command);
        return;
      case 'getStatistics':
        this.#reportStatistics(now, command.id);
    }
  }

  #openTrack(command: MediaCommand & { kind: 'openTrack' }): void {
    const { peers, context, tracks, homes, settings } = this.#state;
    const peer = peers.get(command.transport);
    const line = peer?.session.binder.line(command.mid);
    if (peer === undefined || line === null || line === undefined) return;
    const open = peer.session.binder.lines.filter(({ track }) => track !== null).length;
    if (open >= settings.limits.tracksPerTransport) return;
    const { track: id, mid } = command;
    const track = new Track({ id, media: line.media, source: peer.session, context });
    tracks.set(id, track);
    homes.set(track, peer);
    peer.session.openTrack(mid, track);
  }

  #openSlot(now: Millis, command: MediaCommand & { kind: 'openSlot' }): void {
    const { peers, context, slots, homes, settings } = this.#state;
    const peer = peers.get(command.transport);
    if (peer === undefined) return;
    if (peer.session.slots.length >= settings.limits.slotsPerTransport) return;
    const slot = new Slot({
      id: command.slot,
      media: command.media,
      outlet: peer,
      context,
      firstSequenceNumber: randomInt(0x8000),
    });
    slots.set(command.slot, slot);
    homes.set(slot, peer);
    peer.session.addSlot(now, slot);
  }

  #receivePipedTrack(command: MediaCommand & { kind: 'receivePipedTrack' }): void {
    const { pipes, tracks, context } = this.#state;
    const { track: id, media, from } = command;
    if (pipes === null || tracks.has(id)) return;
    tracks.set(id, new Track({ id, media, source: pipes.keyframeSource(id, from), context }));
  }

  #reportStatistics(now: Millis, id: number): void {
    const { counters, ports, notices } = this.#state;
    notices.push({
      kind: 'statistics',
      id,
      load: this.#housekeeping.load(now),
      counters: counters.snapshot(ports, this.#stun.refused),
    });
  }
}
