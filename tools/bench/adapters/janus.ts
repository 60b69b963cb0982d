import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, ServerProcess } from '../lib/child.ts';
import type { LocalPeer, RemotePeer, Stream } from '../lib/load-client.ts';
import { parseSdp, remotePeer, writeAnswer, writeOffer } from '../lib/sdp.ts';
import type { Adapter, AdapterOptions } from './adapter.ts';

const PORT = 47_088;
const ROOM = 1234;
const EVENT_TIMEOUT_MS = 15_000;
const UNUSED_PLUGINS =
  'audiobridge echotest recordplay sip nosip streaming textroom videocall voicemail duktape lua';
const UNUSED_TRANSPORTS = 'mqtt nanomsg pfunix rabbitmq websockets';

interface JanusMessage {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly jsep?: { readonly type: string; readonly sdp: string };
  readonly error?: { readonly reason: string };
  readonly plugindata?: { readonly data?: { readonly error?: string } };
}

/**
 * Janus with its videoroom plugin over the HTTP API: the distribution's package, configured in a temporary folder,
 * everything on loopback. `--set eventloops=N` takes Janus's own static event loops instead of one thread per
 * PeerConnection, which costs it about half; compare with both. BENCH_JANUS and BENCH_JANUS_LIB name another build.
 */
export class JanusAdapter implements Adapter {
  readonly #core: number;
  readonly #eventLoops: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'bench-janus-'));
  readonly #waiting = new Map<string, PromiseWithResolvers<JanusMessage>>();
  #process: ServerProcess | null = null;
  #session = 0;
  #transactions = 0;
  #stopped = false;
  version = '';

  constructor(options: AdapterOptions) {
    this.#core = options.core;
    this.#eventLoops = Number(options.settings['eventloops'] ?? 0);
  }

  async start(): Promise<void> {
    this.#writeConfiguration();
    // Janus never offers loopback candidates; the shim makes `lo` look like any interface.
    const shim = compile('client/lo-as-nic.c', ['-shared', '-fPIC', '-ldl'], '.so');
    const command = [process.env['BENCH_JANUS'] ?? 'janus', '-F', this.#folder, '--disable-colors'];
    this.#process = new ServerProcess(this.#core, command, { LD_PRELOAD: shim });
    const info = await this.#process.until(async () => {
      const response = await fetch(`http://127.0.0.1:${PORT}/janus/info`);
      return (await response.json()) as { version_string: string };
    });
    const loops = this.#eventLoops > 0 ? ` event_loops=${this.#eventLoops}` : '';
    this.version = `Janus ${info.version_string}${loops}`;
    this.#session = await this.#create('', { janus: 'create' });
    void this.#poll();
  }

  pids(): number[] {
    return this.#process ? [this.#process.pid] : [];
  }

  peersPerSubscriber(): number {
    return 1;
  }

  async publish(
    publisher: number,
    local: LocalPeer,
    audio: Stream,
    video: Stream,
  ): Promise<RemotePeer> {
    const handle = await this.#attach();
    await this.#message(handle, { request: 'join', ptype: 'publisher', room: ROOM, id: publisher });
    const sdp = writeOffer(local, [
      { kind: 'audio', direction: 'sendonly', ...audio },
      { kind: 'video', direction: 'sendonly', ...video },
    ]);
    const event = await this.#message(handle, { request: 'publish' }, { type: 'offer', sdp });
    return remotePeer(parseSdp(event.jsep?.sdp ?? ''), true);
  }

  async subscribe(
    _subscriber: number,
    publishers: readonly number[],
    locals: readonly LocalPeer[],
  ): Promise<RemotePeer[]> {
    const [local] = locals;
    if (!local) return [];
    const handle = await this.#attach();
    const streams = publishers.map((feed) => ({ feed }));
    const event = await this.#message(handle, {
      request: 'join',
      ptype: 'subscriber',
      room: ROOM,
      streams,
    });
    const offer = parseSdp(event.jsep?.sdp ?? '');
    const answer = { type: 'answer', sdp: writeAnswer(local, offer) };
    await this.#message(handle, { request: 'start' }, answer);
    return [remotePeer(offer, false)];
  }

  async ready(): Promise<void> {}

  log(): string {
    return this.#process?.tail() ?? '';
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#process?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #attach(): Promise<number> {
    return this.#create(`/${this.#session}`, { janus: 'attach', plugin: 'janus.plugin.videoroom' });
  }

  async #create(path: string, body: object): Promise<number> {
    const answer = await this.#post(path, { transaction: `t${++this.#transactions}`, ...body });
    if (answer.data === undefined)
      throw new Error(`janus: ${answer.error?.reason ?? answer.janus}`);
    return answer.data.id;
  }

  /** Sends a plugin message; its answer comes as an event over the long poll. */
  async #message(
    handle: number,
    body: Readonly<Record<string, unknown>>,
    jsep?: object,
  ): Promise<JanusMessage> {
    const transaction = `t${++this.#transactions}`;
    const event = Promise.withResolvers<JanusMessage>();
    this.#waiting.set(transaction, event);
    const timer = setTimeout(
      () => event.reject(new Error(`janus: no event for ${body['request']}`)),
      EVENT_TIMEOUT_MS,
    );
    await this.#post(`/${this.#session}/${handle}`, {
      janus: 'message',
      transaction,
      body,
      ...(jsep ? { jsep } : {}),
    });
    const answer = await event.promise.finally(() => clearTimeout(timer));
    const error = answer.plugindata?.data?.error ?? answer.error?.reason;
    if (error) throw new Error(`janus: ${body['request']}: ${error}`);
    return answer;
  }

  async #post(path: string, body: object): Promise<JanusMessage> {
    const response = await fetch(`http://127.0.0.1:${PORT}/janus${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as JanusMessage;
  }

  async #poll(): Promise<void> {
    while (!this.#stopped) {
      let events: JanusMessage[];
      try {
        const response = await fetch(`http://127.0.0.1:${PORT}/janus/${this.#session}?maxev=50`);
        events = [(await response.json()) as JanusMessage | JanusMessage[]].flat();
      } catch {
        continue; // the server ends, or an idle poll was cut
      }
      for (const event of events) {
        if (event.janus !== 'event' && event.janus !== 'error') continue;
        this.#waiting.get(event.transaction ?? '')?.resolve(event);
        this.#waiting.delete(event.transaction ?? '');
      }
    }
  }

  #writeConfiguration(): void {
    const lib = process.env['BENCH_JANUS_LIB'] ?? '/usr/lib/x86_64-linux-gnu/janus';
    const disabled = (names: string) =>
      names
        .split(' ')
        .map((name) => `libjanus_${name}.so`)
        .join(',');
    const loops = this.#eventLoops > 0 ? `event_loops = ${this.#eventLoops}` : '';
    const files = {
      'janus.jcfg': `
general: { configs_folder = "${this.#folder}"
  plugins_folder = "${lib}/plugins"
  transports_folder = "${lib}/transports"
  events_folder = "${lib}/events"
  loggers_folder = "${lib}/loggers"
  debug_level = 3
  session_timeout = 0
  ${loops} }
media: { ipv6 = false
  rtp_port_range = "20000-40000"
  no_media_timer = 0 }
nat: { nice_debug = false
  full_trickle = false
  ice_enforce_list = "lo" }
plugins: { disable = "${disabled(UNUSED_PLUGINS)}" }
transports: { disable = "${disabled(UNUSED_TRANSPORTS)}" }
events: { broadcast = false }
`,
      'janus.transport.http.jcfg': `
general: { json = "compact"
  base_path = "/janus"
  http = true
  port = ${PORT}
  ip = "127.0.0.1"
  https = false }
admin: { admin_http = false }
`,
      'janus.plugin.videoroom.jcfg': `
general: { }
room-${ROOM}: { description = "bench"
  publishers = 1000
  bitrate = 0
  fir_freq = 0
  audiocodec = "opus"
  videocodec = "vp8"
  audiolevel_ext = false
  videoorient_ext = false
  playoutdelay_ext = false
  transport_wide_cc_ext = false
  record = false
  notify_joining = false
  threads = 0 }
`,
    };
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(this.#folder, name), content);
  }
}
