import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressTable } from '@switchyard/runtime/native';
import fc from 'fast-check';

const port = fc.integer({ min: 0, max: 0xffff });
const address = fc.record({ ip: fc.oneof(fc.ipV4(), fc.ipV6()), port });

/** The one spelling of an IPv6 address that URL has. */
const canonical = (ip: string): string =>
  ip.includes(':') ? new URL(`http://[${ip}]/`).hostname.slice(1, -1) : ip;

test('RFC 5952: every address is kept and spelled in its canonical form', () => {
  fc.assert(
    fc.property(address, (given) => {
      const table = new AddressTable(2);
      const tuple = table.acquire(given);
      assert.deepEqual(table.address(tuple), { ip: canonical(given.ip), port: given.port });
      assert.equal(table.isIpv6(tuple), given.ip.includes(':'));
      assert.equal(table.find(given), tuple);
    }),
  );
});

test('the table agrees with a map, whatever is acquired and released', () => {
  const few = fc.record({
    ip: fc.constantFrom('10.0.0.1', '10.0.0.2', '::1', 'fe80::1', '::ffff:10.0.0.1'),
    port: fc.nat(7),
  });
  const operation = fc.record({ address: few, releases: fc.boolean() });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const table = new AddressTable(16);
      const model = new Map<string, { tuple: number; count: number }>();
      for (const { address: given, releases } of operations) {
        const key = `${given.ip} ${given.port}`;
        const known = model.get(key);
        assert.equal(table.find(given), known?.tuple ?? -1);
        if (releases) {
          if (known === undefined) continue;
          table.release(known.tuple);
          if (--known.count === 0) model.delete(key);
        } else {
          const tuple = table.acquire(given);
          if (known !== undefined) {
            assert.equal(tuple, known.tuple);
            known.count++;
          } else if (model.size === 16) assert.equal(tuple, -1);
          else {
            assert.ok(tuple >= 0 && [...model.values()].every((other) => other.tuple !== tuple));
            model.set(key, { tuple, count: 1 });
          }
        }
        assert.equal(table.size, model.size);
      }
      for (const [key, { tuple }] of model) {
        const [ip, text] = key.split(' ') as [string, string];
        assert.equal(table.find({ ip, port: Number(text) }), tuple);
      }
    }),
  );
});

test('what is no address is refused', () => {
  const table = new AddressTable(2);
  for (const [ip, number] of [
    ['example.org', 1],
    ['', 1],
    ['1.2.3', 1],
    ['fe80::1%eth0', 1],
    ['127.0.0.1', -1],
    ['127.0.0.1', 65_536],
    ['127.0.0.1', 1.5],
  ] as const)
    assert.equal(table.acquire({ ip, port: number }), -1);
  assert.equal(table.size, 0);
});

test('a tuple that is not in use is a bug', () => {
  const table = new AddressTable(2);
  assert.throws(() => table.release(0), /not in use/);
  assert.throws(() => table.address(5), /not in use/);
  assert.throws(() => table.pointer(2), /no tuple/);
  assert.throws(() => table.pointer(-1), /no tuple/);
  const tuple = table.acquire({ ip: '::1', port: 1 });
  table.retain(tuple);
  table.release(tuple);
  assert.equal(table.size, 1);
  table.release(tuple);
  assert.equal(table.size, 0);
});
