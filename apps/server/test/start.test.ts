import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ServerMessage, SUBPROTOCOL } from '@switchyard/core/signal';
import { WebSocket } from 'ws';
import type { ServerInfo } from '../src/composition/server-info.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sy-start-'));

/** `sy` with a clean environment: free ports, loopback only. */
function sy(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      SY_SERVER__LISTEN: '127.0.0.1:0',
      SY_RTC__UDP_PORT: '0',
      SY_RTC__WORKERS: '1',
      SY_RTC__ADVERTISE: '127.0.0.1',
    },
  });
}

/** Everything that a process writes until it ends, and its exit code. */
async function run(...args: readonly string[]) {
  const child = sy(...args);
  const text = { stdout: '', stderr: '' };
  child.stdout!.on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    text.stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...text };
}

let server: ChildProcess;
let info: ServerInfo;

before(async () => {
  server = sy('--json');
  server.stderr!.resume();
  const [line] = await once(server.stdout!, 'data');
  info = JSON.parse(String(line));
});

after(() => {
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const at = (path: string): string => `http://127.0.0.1:${info.ports.tcp}${path}`;

async function devToken(identity: string): Promise<string> {
  const response = await fetch(at('/api/v1/dev/token'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identity, name: identity, room: 'hall' }),
  });
  assert.ok(response.ok, await response.clone().text());
  return ((await response.json()) as { token: string }).token;
}

/** A client of the signalling protocol that keeps what it is told. */
class Client {
  readonly messages: ServerMessage[] = [];
  readonly #socket: WebSocket;
  #wake: () => void = () => {};

  constructor(origin?: string) {
    this.#socket = new WebSocket(
      `ws://127.0.0.1:${info.ports.tcp}/rtc`,
      SUBPROTOCOL,
      origin === undefined ? {} : { origin },
    );
    this.#socket.on('message', (data) => {
      this.messages.push(JSON.parse(String(data)));
      this.#wake();
    });
    this.#socket.on('error', () => {});
  }

  async join(token: string): Promise<void> {
    if (this.#socket.readyState === WebSocket.CONNECTING) await once(this.#socket, 'open');
    const client = { sdk: 'test', version: '0' };
    this.#socket.send(JSON.stringify({ kind: 'join', id: 1, token, client }));
    await this.until('joined');
  }

  async until<Kind extends ServerMessage['kind']>(
    kind: Kind,
  ): Promise<Extract<ServerMessage, { kind: Kind }>> {
    for (;;) {
      const found = this.messages.find((message) => message.kind === kind);
      if (found !== undefined) return found as Extract<ServerMessage, { kind: Kind }>;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The status of a refused upgrade. */
  async refusal(): Promise<number> {
    const [, response] = await once(this.#socket, 'unexpected-response');
    return response.statusCode;
  }
}

test('--json prints one object on one line that says where everything is', () => {
  assert.equal(info.pid, server.pid);
  assert.equal(info.localUrl, `http://localhost:${info.ports.tcp}`);
  assert.deepEqual(info.addresses, ['127.0.0.1']);
  assert.equal(info.ports.udp.length, 1);
  assert.equal(info.devKey?.id, 'devkey');
  assert.equal(info.dataFolder, join(folder, 'data'));
});

test('it is healthy and ready', async () => {
  assert.equal((await fetch(at('/healthz'))).status, 200);
  assert.equal((await fetch(at('/readyz'))).status, 200);
});

test('a client joins with a development token and sees another one join', async () => {
  const ada = new Client();
  await ada.join(await devToken('ada'));
  const bob = new Client();
  await bob.join(await devToken('bob'));
  const joined = await ada.until('participantJoined');
  assert.equal(joined.participant.identity, 'bob');
});

test('the signalling socket wants its subprotocol, its path, and an origin that may', async () => {
  assert.equal(await new Client('https://evil.example').refusal(), 403);
  const own = new Client(`http://127.0.0.1:${info.ports.tcp}`);
  await own.join(await devToken('own-origin'));
  for (const [path, protocol, status] of [
    ['/rtc', 'other.v1', 400],
    ['/other', SUBPROTOCOL, 404],
  ] as const) {
    const socket = new WebSocket(`ws://127.0.0.1:${info.ports.tcp}${path}`, protocol);
    socket.on('error', () => {});
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, status);
  }
  assert.equal((await fetch(at('/rtc'))).status, 426);
});

test('WHIP reaches its gateway, in development mode without a token', async () => {
  const response = await fetch(at('/whip/hall'), {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: 'v=0\r\n',
  });
  assert.equal(response.status, 400);
  assert.match(response.headers.get('content-type') ?? '', /problem\+json/);
  const evil = await fetch(at('/whip/hall'), {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', origin: 'https://evil.example' },
    body: 'v=0\r\n',
  });
  assert.equal(evil.status, 401, 'pages of other sites get no token');
});

test('a port that is taken ends the start with 1 and a line that says what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const { code, stderr } = await run('--listen', `127.0.0.1:${port}`);
  taken.close();
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`TCP port ${port} on 127.0.0.1 is taken by another program`));
  assert.match(stderr, new RegExp(`sy start --listen :${port + 1}`));
});

test('a configuration that is not right ends with 5 and names the key', async () => {
  const { code, stderr } = await run('config', 'check', '--set', 'rtc.udpPrt=1');
  assert.equal(code, 5);
  assert.match(stderr, /rtc\.udpPrt: no such setting - did you mean rtc\.udpPort\?/);
  const printed = await run('config', 'print', '--set', `keys={web: ${'s'.repeat(32)}}`);
  assert.match(printed.stdout, /web: \(hidden\)/);
  assert.ok(!printed.stdout.includes('ssss'));
});

test('sy token create signs with the development key, sy keys create makes a key that fits', async () => {
  const { stdout } = await run('token', 'create', '--room', 'hall', '--identity', 'cli');
  const client = new Client();
  await client.join(stdout.trim());
  const made = JSON.parse((await run('keys', 'create', '--json')).stdout);
  const check = await run('config', 'check', '--set', `keys={${made.id}: ${made.secret}}`);
  assert.equal(check.code, 0, check.stderr);
});

test('SIGTERM says goodbye to everybody and exits with 0 within 5 s', async () => {
  const client = new Client();
  await client.join(await devToken('last'));
  const startedAt = performance.now();
  server.kill('SIGTERM');
  const [[code], goodbye] = await Promise.all([once(server, 'exit'), client.until('goodbye')]);
  assert.equal(goodbye.reason, 'serverShutdown');
  assert.equal(code, 0);
  assert.ok(performance.now() - startedAt < 5_000);
});
