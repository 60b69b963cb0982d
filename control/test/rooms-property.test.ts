import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MediaCommand, TrackId, WorkerId } from '@switchyard/core/media-api';
import type { ServerMessage } from '@switchyard/core/signal';
import fc from 'fast-check';
import { Bench, type TestClient, worker } from './rooms-bench.ts';

/** What a worker would have open by the commands it got; complains about commands to closed things. */
class WorkerModel {
  readonly transports = new Set<number>();
  readonly tracks = new Set<number>();
  readonly slots = new Map<number, number | null>();
  readonly pipes = new Set<string>();

  apply(command: MediaCommand): void {
    const open = (set: Set<number>, id: number) => {
      assert.ok(!set.has(id), `${command.kind} ${id} twice`);
      set.add(id);
    };
    switch (command.kind) {
      case 'openTransport':
        open(this.transports, command.transport);
        return;
      case 'closeTransport':
        this.#must(this.transports.delete(command.transport), command);
        return;
      case 'setIncoming':
      case 'restartIce':
        this.#must(this.transports.has(command.transport), command);
        return;
      case 'openTrack':
        this.#must(this.transports.has(command.transport), command);
        open(this.tracks, command.track);
        return;
      case 'receivePipedTrack':
        open(this.tracks, command.track);
        return;
      case 'closeTrack':
        for (const track of this.slots.values()) assert.notEqual(track, command.track);
        this.#must(this.tracks.delete(command.track), command);
        return;
      case 'muteTrack':
        this.#must(this.tracks.has(command.track), command);
        return;
      case 'openSlot':
        this.#must(
          this.transports.has(command.transport) && !this.slots.has(command.slot),
          command,
        );
        this.slots.set(command.slot, null);
        return;
      case 'closeSlot':
        this.#must(this.slots.delete(command.slot), command);
        return;
      case 'assignSlot':
        this.#must(this.slots.has(command.slot), command);
        if (command.track !== null) this.#must(this.tracks.has(command.track), command);
        this.slots.set(command.slot, command.track);
        return;
      case 'pipeTrack':
        this.#must(this.tracks.has(command.track), command);
        this.pipes.add(`${command.track}>${command.to}`);
        return;
      case 'unpipeTrack':
        this.#must(this.pipes.delete(`${command.track}>${command.to}`), command);
        return;
      default:
        throw new Error(`unexpected ${command.kind}`);
    }
  }

  get isEmpty(): boolean {
    return this.transports.size + this.tracks.size + this.slots.size + this.pipes.size === 0;
  }

  #must(holds: boolean, command: MediaCommand): void {
    assert.ok(holds, JSON.stringify(command));
  }
}

/** What a client knows of the others' tracks by the messages so far; checks the numbering of events. */
function checkClient(messages: readonly ServerMessage[]): void {
  let seq: number | null = null;
  const tracks = new Set<string>();
  for (const message of messages) {
    if (message.kind === 'joined') {
      seq = message.seq;
      for (const one of message.participants) for (const track of one.tracks) tracks.add(track.sid);
    } else if ('seq' in message && message.kind !== 'resumed') {
      assert.equal(message.seq, (seq ?? 0) + 1, 'events are numbered without gaps');
      seq = message.seq;
    }
    if (message.kind === 'trackPublished') tracks.add(message.track.sid);
    if (message.kind === 'answer' || message.kind === 'slotsChanged')
      for (const { trackSid } of message.slots)
        if (trackSid !== null) assert.ok(tracks.has(trackSid), 'slots show known tracks');
  }
}

const PEOPLE = ['ada', 'bob', 'carol', 'dora'];
type Action =
  | {
      readonly kind: 'join' | 'drop' | 'leave' | 'offer' | 'reoffer' | 'resume';
      readonly who: number;
    }
  | {
      readonly kind: 'publish' | 'unpublish' | 'mute';
      readonly who: number;
      readonly mid: 'c' | 'm';
    }
  | { readonly kind: 'view'; readonly who: number; readonly shown: readonly number[] }
  | { readonly kind: 'remove' | 'hide' | 'silence'; readonly who: number; readonly whom: number }
  | { readonly kind: 'lose' | 'start'; readonly number: number }
  | { readonly kind: 'levels'; readonly levels: readonly number[] }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'end' };

const who = fc.nat(3);
const mid = fc.constantFrom('c' as const, 'm' as const);
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('join' as const), who }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('offer' as const), who }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish' as const), who, mid }) },
  fc.record({ kind: fc.constantFrom('drop' as const, 'leave', 'reoffer', 'resume'), who }),
  fc.record({ kind: fc.constantFrom('unpublish' as const, 'mute'), who, mid }),
  fc.record({
    kind: fc.constant('view' as const),
    who,
    shown: fc.array(fc.nat(6), { maxLength: 4 }),
  }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'hide', 'silence'), who, whom: who }),
  fc.record({ kind: fc.constantFrom('lose' as const, 'start'), number: fc.nat(2) }),
  fc.record({
    kind: fc.constant('levels' as const),
    levels: fc.array(fc.nat(127), { maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(50, 200, 2_000, 40_000) }),
  fc.record({ kind: fc.constant('end' as const) }),
);

/** A server, three workers that check their commands, and four people who do anything at any time. */
class World {
  readonly bench = new Bench({ spreadAfter: 1, emptyTimeoutMs: 5_000 }, [0, 1, 2]);
  readonly models = new Map<WorkerId, WorkerModel>();
  readonly everybody: TestClient[] = [];
  readonly #clients = new Map<number, TestClient>();
  #taken = 0;

  act(action: Action): void {
    this.#perform(action);
    this.check();
  }

  check(): void {
    const { commands } = this.bench;
    for (; this.#taken < commands.length; this.#taken++) {
      const { worker: to, command } = commands[this.#taken]!;
      const model = this.models.get(to) ?? new WorkerModel();
      this.models.set(to, model);
      model.apply(command);
    }
    for (const model of this.models.values())
      for (const track of model.slots.values())
        if (track !== null) assert.ok(model.tracks.has(track), 'slots refer to living tracks');
    for (const client of this.everybody) checkClient(client.received);
  }

  #perform(action: Action): void {
    const { bench } = this;
    switch (action.kind) {
      case 'join': {
        const client = bench.join(PEOPLE[action.who]!, { permissions: { canModerate: true } });
        this.everybody.push(client);
        this.#clients.set(action.who, client);
        return;
      }
      case 'resume':
        this.#resume(action.who);
        return;
      case 'pass':
        bench.pass(action.ms);
        return;
      case 'start':
        this.models.delete(worker(action.number));
        bench.startWorker(action.number);
        return;
      case 'lose':
        this.models.delete(worker(action.number));
        this.bench.switchboard.handleWorkerLost(bench.time, worker(action.number));
        bench.drain();
        return;
      case 'levels':
        this.#levels(action.levels);
        return;
      case 'end':
        bench.switchboard.admin.endRoom(bench.time, 'lab');
        bench.drain();
        return;
      default: {
        const client = this.#clients.get(action.who);
        if (client !== undefined && client.closed === null) this.#say(client, action);
      }
    }
  }

  #say(
    client: TestClient,
    action: Exclude<
      Action,
      { kind: 'join' | 'resume' | 'pass' | 'start' | 'lose' | 'levels' | 'end' }
    >,
  ): void {
    const id = 500;
    switch (action.kind) {
      case 'drop':
        client.drop();
        return;
      case 'leave':
        client.send({ kind: 'leave' });
        return;
      case 'offer':
        client.offer({ pairs: 1, videoOnly: 1, audioOnly: 1 });
        return;
      case 'reoffer':
        client.offer({ pairs: 2, fresh: false, ufrag: 'next' });
        return;
      case 'publish': {
        const source = action.mid === 'c' ? 'camera' : 'microphone';
        const { mid } = action;
        client.send({ kind: 'publish', id, mid, source, muted: false, layers: [] });
        return;
      }
      case 'unpublish':
        client.send({
          kind: 'unpublish',
          id,
          trackSid: this.#trackOf(action.who, action.mid),
        });
        return;
      case 'mute': {
        const trackSid = this.#trackOf(action.who, action.mid);
        client.send({ kind: 'mute', id, trackSid, muted: true });
        return;
      }
      case 'view': {
        const sids = this.#tracks().map((track) => track.sid);
        const shown = [...new Set(action.shown.map((i) => sids[i % Math.max(1, sids.length)]))];
        client.view(...shown.flatMap((sid) => (sid ? [[sid, 360] as const] : [])));
        return;
      }
      case 'remove':
        client.send({
          kind: 'moderate',
          id,
          action: { kind: 'removeParticipant', identity: PEOPLE[action.whom]! },
        });
        return;
      case 'hide':
      case 'silence':
        client.send({
          kind: 'moderate',
          id,
          action: {
            kind: 'setPermissions',
            identity: PEOPLE[action.whom]!,
            permissions: action.kind === 'hide' ? { hidden: true } : { canSubscribe: false },
          },
        });
        return;
    }
  }

  #resume(index: number): void {
    const client = this.#clients.get(index);
    const joined = client?.received.find((message) => message.kind === 'joined');
    if (client === undefined || joined?.kind !== 'joined') return;
    const again = this.bench.connect();
    const seen = client.received.findLast((message) => 'seq' in message);
    again.send({
      kind: 'resume',
      id: 1,
      participantSid: joined.participant.sid,
      resumeToken: joined.resumeToken,
      lastSeq: seen !== undefined && 'seq' in seen ? seen.seq : 0,
    });
    if (again.closed !== null) return;
    // What came before belongs to the same story.
    again.received.unshift(...client.received);
    this.everybody.splice(this.everybody.indexOf(client), 1, again);
    this.#clients.set(index, again);
  }

  #levels(levels: readonly number[]): void {
    const pairs = levels.flatMap((level, i) => [(i + 1) as TrackId, level]);
    for (const number of [0, 1, 2])
      this.bench.switchboard.handleMediaNotice(this.bench.time, worker(number), {
        kind: 'audioLevels',
        levels: pairs,
      });
    this.bench.drain();
  }

  #tracks() {
    const room = this.bench.switchboard.admin.getRoom('lab');
    return room?.participants.flatMap((one) => one.tracks) ?? [];
  }

  #trackOf(index: number, mid: 'c' | 'm'): string {
    const room = this.bench.switchboard.admin.getRoom('lab');
    const one = room?.participants.find(({ identity }) => identity === PEOPLE[index]);
    const source = mid === 'c' ? 'camera' : 'microphone';
    return one?.tracks.find((track) => track.source === source)?.sid ?? 'TR_none';
  }
}

test('no order of messages, losses and times breaks the invariants; at the end nothing is open', () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 10, maxLength: 60, size: 'max' }), (actions) => {
      const world = new World();
      for (const who of PEOPLE.keys()) {
        world.act({ kind: 'join', who });
        world.act({ kind: 'offer', who });
      }
      for (const action of actions) world.act(action);
      world.act({ kind: 'end' });
      for (const [number, model] of world.models)
        assert.ok(model.isEmpty, `worker ${number}: ${JSON.stringify([...model.tracks])}`);
      world.act({ kind: 'pass', ms: 40_000 });
      assert.equal(world.bench.switchboard.nextTimeout(), Number.POSITIVE_INFINITY);
    }),
    { numRuns: 100 },
  );
});
