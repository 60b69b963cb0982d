import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatMessage, StatsSample } from '@switchyard/client';
import fc from 'fast-check';
import { Announcer, BATCH_MS } from '../src/call/announcer.ts';
import { linkify } from '../src/call/linkify.ts';
import { groupMessages } from '../src/call/message-groups.ts';
import { qrPath } from '../src/call/qr-path.ts';
import { QualityTally } from '../src/call/quality-tally.ts';
import { shortcutRows } from '../src/call/shortcut-rows.ts';
import { inBitrate, statsAsText, trackRows } from '../src/call/stats-words.ts';
import { countUnread } from '../src/call/unread.ts';
import { endWords, qualitySentence } from '../src/end/end-words.ts';
import { clockOf, durationInWords, timeAgo } from '../src/shared/time-words.ts';

test('people who come and go within a moment are one announcement', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const announcer = new Announcer();
  announcer.note('joined', 'Ada');
  announcer.note('joined', 'Bo');
  announcer.note('left', 'Cy');
  assert.equal(announcer.polite.get(), '');
  t.mock.timers.tick(BATCH_MS);
  assert.equal(announcer.polite.get(), 'Ada and Bo joined. Cy left.');
  for (const name of ['D', 'E', 'F']) announcer.note('joined', name);
  t.mock.timers.tick(BATCH_MS);
  assert.equal(announcer.polite.get(), '3 people joined.');
});

test('the same sentence twice is announced twice', () => {
  const announcer = new Announcer();
  announcer.alert('Ada muted you.');
  const first = announcer.assertive.get();
  announcer.alert('Ada muted you.');
  assert.notEqual(announcer.assertive.get(), first);
  assert.equal(announcer.assertive.get().trim(), first);
});

const message = (id: number, from: string, sentAt: number, isPrivate = false): ChatMessage => ({
  id: `${id}`,
  from: { identity: from, name: from },
  text: `text ${id}`,
  sentAt,
  isPrivate,
  isOwn: from === 'me',
});

test('what one person writes in one go stands together', () => {
  const groups = groupMessages([
    message(1, 'ada', 0),
    message(2, 'ada', 1_000),
    message(3, 'me', 2_000),
    message(4, 'ada', 3_000),
    message(5, 'ada', 4_000, true),
    message(6, 'ada', 5_000 + 5 * 60_000, true),
  ]);
  assert.deepEqual(
    groups.map(({ messages }) => messages.map(({ id }) => id).join()),
    ['1,2', '3', '4', '5', '6'],
  );
});

test('unread are the messages of others after the last one seen', () => {
  const messages = [message(1, 'ada', 0), message(2, 'me', 1), message(3, 'bo', 2)];
  assert.equal(countUnread(messages, null), 2);
  assert.equal(countUnread(messages, '1'), 1);
  assert.equal(countUnread(messages, '3'), 0);
});

test('links in a message: http and https only, without the full stop behind them', () => {
  const links = (text: string) => linkify(text).flatMap(({ href }) => (href ? [href] : []));
  assert.deepEqual(links('See https://example.org/a_(b), or http://b.org!'), [
    'https://example.org/a_(b',
    'http://b.org/',
  ]);
  assert.deepEqual(links('javascript:alert(1) ftp://x data:text/html,x'), []);
});

test('a message cut into parts is still the whole message, and every link is http', () => {
  fc.assert(
    fc.property(fc.string(), fc.webUrl(), fc.string(), (before, url, after) => {
      const text = `${before} ${url} ${after}`;
      const parts = linkify(text);
      assert.equal(parts.map((part) => part.text).join(''), text);
      for (const { href } of parts) assert.ok(href === null || /^https?:/.test(href));
    }),
  );
});

test('a QR code is drawn module by module', () => {
  const { size, path } = qrPath([
    [true, true, false],
    [false, true, true],
    [false, false, false],
  ]);
  assert.equal(size, 3);
  assert.equal(path, 'M0 0h2v1h-2zM1 1h2v1h-2z');
});

test('the time of a call is shared out among the qualities', () => {
  const tally = new QualityTally(0);
  tally.note(6_000, 'poor');
  tally.note(8_000, 'lost');
  tally.note(9_000, 'excellent');
  assert.deepEqual(tally.shares(10_000), { excellent: 0.7, good: 0, poor: 0.2, lost: 0.1 });
  assert.equal(tally.dropCount, 1);
});

test('shares add up to 1, whatever the order of times', () => {
  const quality = fc.constantFrom(
    'excellent' as const,
    'good' as const,
    'poor' as const,
    'lost' as const,
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1e6), quality), { minLength: 1 }), (notes) => {
      const tally = new QualityTally(0);
      for (const [at, one] of notes) tally.note(at, one);
      const { excellent, good, poor, lost } = tally.shares(2e6);
      assert.ok(Math.abs(excellent + good + poor + lost - 1) < 1e-9);
    }),
  );
});

const outcome = {
  reason: 'left',
  problem: null,
  durationMs: 600_000,
  quality: { excellent: 1, good: 0, poor: 0, lost: 0 },
  dropCount: 0,
} as const;

test('the end screen says why it is the end, and how the line was', () => {
  assert.equal(endWords(outcome).title, 'You left the call');
  assert.match(endWords({ ...outcome, reason: 'removed' }).title, /removed/);
  assert.equal(qualitySentence(outcome), 'Your connection was good throughout.');
  const poor = { excellent: 0.6, good: 0, poor: 0.3, lost: 0.1 };
  assert.match(
    qualitySentence({ ...outcome, quality: poor, dropCount: 2 }),
    /weak for about 4 minutes.*lost 2 times/,
  );
  assert.equal(qualitySentence({ ...outcome, durationMs: 5_000 }), '');
});

test('the cheat sheet names keys as they are printed, digits once', () => {
  const run = () => undefined;
  const shortcuts = [
    { keys: 'm', label: 'Microphone', run },
    { keys: ' ', label: 'Talk', run },
    { keys: 'mod+shift+l', label: 'Leave', run },
    { keys: '1', label: 'Pin 1', run },
    { keys: '2', label: 'Pin 2', run },
  ];
  const keys = (isApple: boolean) =>
    shortcutRows(shortcuts, isApple).map((row) => row.keys.join('+'));
  assert.deepEqual(keys(false), ['M', 'Space', 'Ctrl+Shift+L', '1+…+9+0']);
  assert.equal(keys(true)[2], 'Cmd+Shift+L');
});

test('statistics have units, and tracks their people', () => {
  assert.equal(inBitrate(640_000), '640 kbit/s');
  assert.equal(inBitrate(999_600), '1.0 Mbit/s');
  const sample: StatsSample = {
    at: 0,
    connection: {
      roundTripMs: 12.4,
      availableOutgoingBps: 0,
      outgoingBps: 1000,
      incomingBps: 2_500_000,
      protocol: 'udp',
      localCandidateType: 'host',
      remoteAddress: '127.0.0.1',
    },
    tracks: [
      {
        trackSid: 'TR_1',
        source: 'camera',
        direction: 'incoming',
        codec: 'video/VP8',
        bitrateBps: 2_000_000,
        packetLossRatio: 0.031,
        jitterMs: 3,
        width: 1280,
        height: 720,
        framesPerSecond: 29.7,
        freezeCount: 0,
        layers: [],
      },
    ],
  };
  const [row] = trackRows(sample, () => 'Ada');
  assert.equal(row?.what, 'Ada, camera');
  assert.equal(row?.picture, '1280×720, 30 fps');
  assert.equal(row?.isLossy, true);
  assert.match(
    statsAsText(sample, () => 'Ada', 'standup'),
    /Round trip: 12 ms/,
  );
});

test('times in words', () => {
  assert.equal(clockOf(247_000), '4:07');
  assert.equal(clockOf(3_750_000), '1:02:30');
  assert.equal(durationInWords(1_000), '1 second');
  assert.equal(durationInWords(43 * 60_000), '43 minutes');
  assert.equal(durationInWords(65 * 60_000), '1 hour 5 minutes');
  assert.equal(timeAgo(0, 30_000), 'just now');
  assert.equal(timeAgo(0, 120_000), '2 minutes ago');
  assert.equal(timeAgo(0, 30 * 3_600_000), 'yesterday');
});
