import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  changesBetween,
  EMPTY_ROOM,
  fromSnapshot,
  type RoomState,
  reduceRoom,
} from '../src/room-state.ts';
import { participantInfo, roomInfo, trackInfo } from './entries.ts';

const me = participantInfo('PA_me');
const ada = participantInfo('PA_ada', { tracks: [trackInfo('TR_1')] });

function start(): RoomState {
  return fromSnapshot({ room: roomInfo, participant: me, participants: [ada] });
}

const kinds = (before: RoomState, after: RoomState) =>
  changesBetween(before, after).map(({ kind }) => kind);

test('a snapshot tells the room, then each person before his tracks', () => {
  assert.deepEqual(kinds(EMPTY_ROOM, start()), [
    'roomUpdated',
    'participantJoined',
    'trackPublished',
    'participantJoined',
  ]);
});

test('events and the snapshot that holds the same tell the same', () => {
  const before = start();
  const track = trackInfo('TR_2', { kind: 'audio', source: 'microphone' });
  const step = reduceRoom(before, {
    kind: 'trackPublished',
    seq: 1,
    participantSid: 'PA_ada',
    track,
  });
  const whole = fromSnapshot({
    room: roomInfo,
    participant: me,
    participants: [{ ...ada, tracks: [...ada.tracks, track] }],
  });
  assert.deepEqual(changesBetween(before, step), changesBetween(before, whole));
});

test('an unchanged entry in a new snapshot is no track change', () => {
  const again = fromSnapshot({
    room: roomInfo,
    participant: me,
    participants: [structuredClone(ada)],
  });
  assert.deepEqual(kinds(start(), again), ['participantUpdated']);
});

test('a track that changed, and one that went, are told apart', () => {
  const before = start();
  const muted = reduceRoom(before, {
    kind: 'trackUpdated',
    seq: 1,
    participantSid: 'PA_ada',
    track: trackInfo('TR_1', { muted: true }),
  });
  assert.deepEqual(kinds(before, muted), ['participantUpdated', 'trackUpdated']);
  const gone = reduceRoom(muted, {
    kind: 'trackUnpublished',
    seq: 2,
    participantSid: 'PA_ada',
    trackSid: 'TR_1',
  });
  assert.deepEqual(kinds(muted, gone), ['participantUpdated', 'trackUnpublished']);
});

test('somebody who left during a gap is told as left', () => {
  const after = fromSnapshot({ room: roomInfo, participant: me, participants: [] });
  assert.deepEqual(kinds(start(), after), ['participantLeft']);
});

test('events about people who are not there change nothing', () => {
  const before = start();
  assert.equal(
    reduceRoom(before, { kind: 'participantLeft', seq: 1, participantSid: 'x', reason: 'left' }),
    before,
  );
  assert.equal(
    reduceRoom(before, { kind: 'trackUnpublished', seq: 1, participantSid: 'x', trackSid: 'y' }),
    before,
  );
});
