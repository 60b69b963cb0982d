import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrackId } from '@switchyard/core/media-api';
import { Bench, worker } from './rooms-bench.ts';

/** Four people with cameras and microphones and a player with one pair of slots. */
function gathering() {
  const bench = new Bench();
  const people = Array.from({ length: 4 }, (_, i) => {
    const client = bench.join(`p${i}`);
    client.offer({ pairs: 0 });
    return { camera: client.publish('c'), microphone: client.publish('m') };
  });
  const player = bench.join('player', { autoSubscribe: false });
  player.offer({ pairs: 1 });
  const watch = (videos: readonly string[], audios?: readonly string[]) =>
    player.send({
      kind: 'view',
      videos: videos.map((trackSid) => ({ trackSid, width: 640, height: 360, priority: 10 })),
      ...(audios === undefined ? {} : { audios: [...audios] }),
    });
  /** The microphone of the person at `index` reports speech until it counts. */
  const speak = (index: number) => {
    const track = bench.commandsOf('openTrack')[2 * index + 1]?.track as TrackId;
    for (let i = 0; i < 4; i++) {
      bench.pass(200);
      const levels = [track, 110];
      bench.switchboard.handleMediaNotice(bench.time, worker(0), { kind: 'audioLevels', levels });
      bench.drain();
    }
  };
  return { people, player, watch, speak };
}

test('only the audios that a view names are heard, whoever else speaks', () => {
  const { people, player, watch, speak } = gathering();
  const { camera, microphone } = people[2]!;
  watch([camera], [microphone]);
  assert.deepEqual(player.slots(), { pv0: camera, pa0: microphone });
  speak(1);
  assert.deepEqual(player.slots(), { pv0: camera, pa0: microphone });
});

test('of more audios than slots the loudest is heard', () => {
  const { people, player, watch, speak } = gathering();
  watch([], [people[2]!.microphone, people[3]!.microphone]);
  speak(1);
  speak(3);
  assert.equal(player.slots()['pa0'], people[3]!.microphone);
});

test('an empty list of audios is silence; without the list the loudest of the room is heard again', () => {
  const { people, player, watch, speak } = gathering();
  watch([people[0]!.camera], []);
  speak(1);
  assert.deepEqual(player.slots(), { pv0: people[0]!.camera, pa0: null });
  watch([people[0]!.camera]);
  assert.equal(player.slots()['pa0'], people[1]!.microphone);
});
