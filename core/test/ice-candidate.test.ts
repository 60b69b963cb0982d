import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Candidate,
  candidatePriority,
  isMdnsName,
  parseCandidate,
  printCandidate,
} from '../src/ice/index.ts';

function parsed(text: string): Candidate {
  const result = parseCandidate(text);
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

test('RFC 8839 §5.1: a server-reflexive candidate', () => {
  assert.deepEqual(
    parsed('candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998'),
    {
      foundation: '2',
      component: 1,
      transport: 'udp',
      priority: 1694498815,
      address: '192.0.2.3',
      port: 45664,
      type: 'srflx',
      relatedAddress: '203.0.113.141',
      relatedPort: 8998,
      tcpType: null,
      ufrag: null,
    },
  );
});

test('candidates in the form of Chrome and Firefox: unknown extensions are skipped', () => {
  const chrome = parsed(
    'candidate:1467250027 1 udp 2122260223 9b36eaac-bb2e-49bb-bb78-21c41c499900.local 46243 typ host generation 0 ufrag EsAw network-id 1 network-cost 10',
  );
  assert.equal(chrome.ufrag, 'EsAw');
  assert.ok(isMdnsName(chrome.address));
  const active = parsed('a=candidate:0 2 tcp 2105524478 2001:db8::7 9 typ host tcptype active');
  assert.equal(active.tcpType, 'active');
  assert.equal(active.component, 2);
});

test('RFC 8445 §5.1.2.1: priorities', () => {
  assert.equal(candidatePriority('host', 65_535), 2130706431);
  assert.equal(candidatePriority('srflx', 65_535), 1694498815);
  assert.equal(candidatePriority('relay', 0, 2), 254);
});

test('a malformed candidate says which field', () => {
  const good = '1 1 udp 1 192.0.2.1 1 typ host';
  assert.ok(parseCandidate(good).ok);
  for (const [text, code, field] of [
    ['', 'tooFewFields', undefined],
    ['candidate:1 1 udp 1 192.0.2.1 1 typ', 'tooFewFields', undefined],
    [good.padEnd(2000, ' x'), 'tooLong', undefined],
    [good.replace('1 ', 'é '), 'badField', 'foundation'],
    [good.replace('1 1', '1 257'), 'badField', 'component'],
    [good.replace('udp', 'sctp'), 'badField', 'transport'],
    [good.replace('udp 1', 'udp 4294967296'), 'badField', 'priority'],
    [good.replace('192.0.2.1', 'a\r\nb'), 'badField', 'address'],
    [good.replace('1 typ', '65536 typ'), 'badField', 'port'],
    [good.replace('host', '__proto__'), 'badField', 'type'],
    [`${good} raddr x\ny`, 'badField', 'relatedAddress'],
    [`${good} rport -1`, 'badField', 'relatedPort'],
    [`${good} tcptype both`, 'badField', 'tcpType'],
    [`${good} ufrag a=b`, 'badField', 'ufrag'],
  ] as const) {
    const result = parseCandidate(text);
    assert.ok(!result.ok, text);
    assert.equal(result.error.code, code);
    if (result.error.code === 'badField') assert.equal(result.error.field, field);
  }
});

test('no text makes the parser throw', () => {
  const words = fc.constantFrom(
    'candidate:',
    '1',
    'udp',
    'typ',
    'host',
    '192.0.2.1',
    'raddr',
    '',
    '\n',
    '𝒳',
    'ufrag',
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseCandidate(text)));
  fc.assert(fc.property(fc.array(words), (list) => void parseCandidate(list.join(' '))));
});

test('print then parse is the same', () => {
  const token = fc.stringMatching(/^[A-Za-z0-9+/]{1,32}$/);
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('a-b.local'));
  const candidate: fc.Arbitrary<Candidate> = fc.record(
    {
      foundation: token,
      component: fc.integer({ min: 1, max: 256 }),
      transport: fc.constantFrom('udp', 'tcp'),
      priority: fc.integer({ min: 1, max: 0xffffffff }),
      address,
      port: fc.integer({ min: 0, max: 0xffff }),
      type: fc.constantFrom('host', 'srflx', 'prflx', 'relay'),
      relatedAddress: fc.option(address),
      relatedPort: fc.option(fc.integer({ min: 0, max: 0xffff })),
      tcpType: fc.option(fc.constantFrom('active', 'passive', 'so')),
      ufrag: fc.option(token),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(candidate, (value) => assert.deepEqual(parsed(printCandidate(value)), value)),
  );
});
