import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RecentRooms } from '../src/landing/recent-rooms.ts';
import { makeRoomName, pathOfRoom, roomOfPath, toRoomName } from '../src/landing/room-names.ts';
import { hueOf, initialsOf } from '../src/shared/avatar-look.ts';
import { MemoryStorage } from './memory-storage.ts';

test('a new meeting has a name of two words and four digits', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat({ max: 0xffff_ffff })), (numbers) => {
      const name = makeRoomName(() => numbers.next().value as number);
      assert.match(name, /^[a-z]+-[a-z]+-[1-9]\d{3}$/);
      assert.equal(toRoomName(name), name);
    }),
  );
});

test('a typed name becomes one that a link can carry', () => {
  assert.equal(toRoomName('  Team meeting '), 'Team-meeting');
  assert.equal(toRoomName('café & bar?'), 'café--bar');
  assert.equal(toRoomName('...'), null);
  assert.equal(toRoomName(''), null);
});

test('a pasted link means its room, with or without an invitation', () => {
  assert.equal(toRoomName('https://meet.example.org/amber-canal-42'), 'amber-canal-42');
  assert.equal(toRoomName('https://meet.example.org/caf%C3%A9#token=abc'), 'café');
  assert.equal(toRoomName('https://meet.example.org/'), null);
});

test('whatever is typed, the room is one that the server takes and that its path leads back to', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (typed) => {
      const room = toRoomName(typed);
      if (room === null) return;
      assert.match(room, /^[\p{L}\p{N}._~-]{1,128}$/u);
      assert.equal(roomOfPath(pathOfRoom(room)), room);
    }),
  );
});

test('no path makes the page throw', () => {
  fc.assert(fc.property(fc.string(), (path) => void roomOfPath(`/${path}`)));
  assert.equal(roomOfPath('/%E0%A4%A'), null);
  assert.equal(roomOfPath('/a/b'), null);
});

test('recent rooms: newest first, each once, six at most, kept in the browser', () => {
  const storage = new MemoryStorage();
  const rooms = new RecentRooms(storage);
  for (let at = 0; at < 8; at++) rooms.add(`room-${at}`, at);
  rooms.add('room-4', 9);
  const names = () => rooms.get().map(({ room }) => room);
  assert.deepEqual(names(), ['room-4', 'room-7', 'room-6', 'room-5', 'room-3', 'room-2']);
  rooms.forget('room-6');
  assert.deepEqual(new RecentRooms(storage).get(), rooms.get());
});

test('what stands in the storage under our name may be anything', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const storage = new MemoryStorage();
      storage.write('recentRooms', value);
      for (const { room, visitedAt } of new RecentRooms(storage).get()) {
        assert.equal(typeof room, 'string');
        assert.equal(typeof visitedAt, 'number');
      }
    }),
  );
});

test('initials: first and last word, any script, never empty', () => {
  assert.equal(initialsOf('Ada Lovelace'), 'AL');
  assert.equal(initialsOf('ada'), 'A');
  assert.equal(initialsOf('Jean-Luc van der Berg'), 'JB');
  assert.equal(initialsOf('田中 芽衣'), '田芽');
  assert.equal(initialsOf('  '), '?');
});

test('a hue belongs to the identity and is one of twelve', () => {
  fc.assert(
    fc.property(fc.string(), (identity) => {
      const hue = hueOf(identity);
      assert.equal(hue % 30, 0);
      assert.ok(hue >= 0 && hue < 360);
      assert.equal(hueOf(identity), hue);
    }),
  );
});
