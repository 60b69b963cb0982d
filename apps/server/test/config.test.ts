import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { type Config, decodeConfig, loadConfig, printProblem } from '../src/config/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'sy-config-'));
after(() => rmSync(folder, { recursive: true }));

const none = { folder, environment: {}, assignments: [] };

async function load(sources: Partial<Parameters<typeof loadConfig>[0]>): Promise<Config> {
  const result = await loadConfig({ ...none, ...sources });
  assert.ok(result.ok, JSON.stringify(result));
  return result.value.config;
}

async function problems(sources: Partial<Parameters<typeof loadConfig>[0]>): Promise<string[]> {
  const result = await loadConfig({ ...none, ...sources });
  assert.ok(!result.ok);
  return result.error.map(printProblem);
}

function problemsOf(input: unknown): string[] {
  const result = decodeConfig(input, folder);
  return result.ok ? [] : result.error.map(printProblem);
}

function writeConfig(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

test('without any source every setting has its default', async () => {
  const config = await load({});
  assert.deepEqual(config.server.listen, { host: null, port: 7880 });
  assert.equal(config.rtc.udpPort, 7882);
  assert.deepEqual(config.rtc.advertise, [{ kind: 'auto' }]);
  assert.equal(config.rooms.emptyTimeout, 300_000);
  assert.equal(config.limits.requestBody, 1_048_576);
  assert.equal(config.data.folder, join(folder, 'data'));
  assert.deepEqual(config.keys, {});
});

test('durations and sizes are texts with a unit', () => {
  assert.deepEqual(problemsOf({ rooms: { emptyTimeout: '90s' } }), []);
  assert.deepEqual(problemsOf({ rooms: { emptyTimeout: 90 } }), [
    'rooms.emptyTimeout: expected a duration with its unit, as 500ms, 30s, 5m, 2h or 7d, found 90',
  ]);
  assert.match(
    problemsOf({ limits: { requestBody: '2MB' } })[0]!,
    /as 64KiB, 2MiB or 1GiB, found "2MB"/,
  );
  assert.match(problemsOf({ rooms: { emptyTimeout: '60d' } })[0]!, /at most 24d/);
});

test('an unknown key is named with the nearest right one', () => {
  assert.deepEqual(problemsOf({ rtc: { udpPrt: 1 } }), [
    'rtc.udpPrt: no such setting - did you mean rtc.udpPort?',
  ]);
  assert.deepEqual(problemsOf({ server: { udpPort: 1 } }), [
    'server.udpPort: no such setting - did you mean rtc.udpPort?',
  ]);
  assert.deepEqual(problemsOf({ sever: {} }), ['sever: no such setting - did you mean server?']);
  assert.match(problemsOf({ zzzzzzzz: 1 })[0]!, /`sy config schema` lists them all/);
});

test('a bad value is told with its key, what was given and what is right; all of them at once', () => {
  assert.deepEqual(problemsOf({ rtc: { udpPort: 70000, workers: 0 }, log: { level: 'loud' } }), [
    'rtc.udpPort: expected a whole number from 0 to 65535, found 70000',
    'rtc.workers: expected "auto" or a whole number from 1 to 36, found 0',
    'log.level: expected one of debug, info, warn, error, silent, found "loud"',
  ]);
});

test('the environment counts more than the file, and assignments more than the environment', async () => {
  const file = writeConfig('order.yaml', 'rtc: { udpPort: 1, workers: 1, tcp: false }\n');
  const environment = { SY_RTC__UDP_PORT: '2', SY_RTC__WORKERS: '2', PATH: '/bin', SY_OTHER: 'x' };
  const { rtc } = await load({ file, environment, assignments: ['rtc.workers=3'] });
  assert.deepEqual([rtc.udpPort, rtc.workers, rtc.tcp], [2, 3, false]);
});

test('variables are read as the type of their setting', async () => {
  const { server, rtc } = await load({
    environment: {
      SY_SERVER__LISTEN: '[::1]:0',
      SY_SERVER__PUBLIC_URL: 'https://meet.example.org/',
      SY_RTC__ADVERTISE: 'auto, 203.0.113.7=10.0.0.5',
      SY_RTC__GSO_PADDING: 'true',
    },
  });
  assert.deepEqual(server.listen, { host: '::1', port: 0 });
  assert.equal(server.publicUrl, 'https://meet.example.org');
  assert.equal(rtc.gsoPadding, true);
  assert.deepEqual(rtc.advertise, [
    { kind: 'auto' },
    { kind: 'fixed', external: '203.0.113.7', internal: '10.0.0.5' },
  ]);
});

test('a variable or an assignment that no setting has is an error', async () => {
  assert.deepEqual(await problems({ environment: { SY_RTC__UDPPORT: '1' }, assignments: ['x'] }), [
    'SY_RTC__UDPPORT: no setting has this environment variable - did you mean SY_RTC__UDP_PORT?',
    'x: no such setting - `sy config schema` lists them all',
  ]);
});

test('secrets come from the file, the environment or a file beside it, and are not repeated in problems', async () => {
  const secret = 's'.repeat(32);
  writeConfig('secret.txt', `${secret}\n`);
  const file = writeConfig(
    'keys.yaml',
    `keys: { a: ${secret}, b: "env:B_SECRET", c: "file:secret.txt" }\n`,
  );
  const { keys } = await load({ file, environment: { B_SECRET: secret } });
  assert.deepEqual(keys, { a: secret, b: secret, c: secret });

  const short = await problems({
    environment: { SY_KEYS__weak: 'hunter2', SY_KEYS__gone: 'env:NO' },
  });
  assert.equal(short.length, 2);
  assert.ok(!short.join().includes('hunter2'));
});

test('tls.mode files wants both files', () => {
  assert.deepEqual(problemsOf({ tls: { mode: 'files', cert: 'a.pem' } }), [
    'tls.key: expected the path of a PEM file, since tls.mode is "files"',
  ]);
});

test('a TypeScript file is taken by its default export', async () => {
  const file = writeConfig(
    'switchyard.config.ts',
    'export default { rtc: { udpPort: 9 as number } };\n',
  );
  assert.equal((await load({ file })).rtc.udpPort, 9);
});

test('a file that is not YAML, or not there, is a problem', async () => {
  assert.match((await problems({ file: writeConfig('bad.yaml', 'a: [1') }))[0]!, /bad\.yaml: /);
  assert.match((await problems({ file: 'absent.yaml' }))[0]!, /absent\.yaml: ENOENT/);
});

test('no value makes the decoder throw', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void decodeConfig(value, folder)));
  fc.assert(
    fc.property(fc.string(), (text) => void decodeConfig({ server: { listen: text } }, folder)),
  );
});
