import { preferCodecs } from './encodings.ts';
import { knownError, SwitchyardError } from './errors.ts';

export interface WhipOptions {
  /** Bearer token of the endpoint. */
  bearer?: string;
  iceServers?: RTCIceServer[];
  signal?: AbortSignal;
}

export interface HttpStats {
  readonly bitrateBps: number;
  readonly roundTripMs: number;
  /** Estimated time in the jitter buffer, ms; 0 when publishing. */
  readonly latencyMs: number;
}

/** A running WHIP or WHEP session. */
export interface HttpSession extends AsyncDisposable {
  readonly connection: RTCPeerConnection;
  /** Set it to hear figures once a second. */
  onStats: ((stats: HttpStats) => void) | null;
  /** Tells the server and closes. */
  close(): Promise<void>;
}

/** Publishes a stream over WHIP (RFC 9725). Rejects with a `SwitchyardError`. */
export async function publish(
  stream: MediaStream,
  url: string,
  options: WhipOptions = {},
): Promise<HttpSession> {
  const connection = createConnection(options);
  for (const track of stream.getTracks()) {
    const transceiver = connection.addTransceiver(track, {
      direction: 'sendonly',
      streams: [stream],
    });
    const codecs = preferCodecs(RTCRtpSender.getCapabilities(track.kind)?.codecs ?? []);
    if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
  }
  return open(connection, url, options);
}

/** Plays a stream over WHEP (draft-ietf-wish-whep) in `element`. Rejects with a `SwitchyardError`. */
export async function play(
  url: string,
  element: HTMLMediaElement,
  options: WhipOptions = {},
): Promise<HttpSession> {
  const connection = createConnection(options);
  const stream = new MediaStream();
  for (const kind of ['video', 'audio'] as const) {
    const transceiver = connection.addTransceiver(kind, { direction: 'recvonly' });
    stream.addTrack(transceiver.receiver.track);
  }
  element.srcObject = stream;
  try {
    return await open(connection, url, options);
  } catch (error) {
    element.srcObject = null;
    throw error;
  }
}

function createConnection(options: WhipOptions): RTCPeerConnection {
  if (typeof RTCPeerConnection !== 'function') throw knownError('unsupportedBrowser');
  return new RTCPeerConnection({
    bundlePolicy: 'max-bundle',
    iceServers: options.iceServers ?? [],
  });
}

async function open(
  connection: RTCPeerConnection,
  url: string,
  options: WhipOptions,
): Promise<HttpSession> {
  try {
    await connection.setLocalDescription(await connection.createOffer());
    const response = await send('POST', url, options, connection.localDescription?.sdp);
    if (response.status !== 201) throw await toError(response);
    const location = response.headers.get('Location');
    await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    return createSession(connection, new URL(location ?? '', response.url || url).href, options);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function createSession(
  connection: RTCPeerConnection,
  sessionUrl: string,
  options: WhipOptions,
): HttpSession {
  let before: Totals | null = null;
  const timer = setInterval(() => {
    if (!session.onStats) return;
    readTotals(connection).then(
      (now) => {
        if (before) session.onStats?.(compare(now, before));
        before = now;
      },
      () => undefined, // closed meanwhile
    );
  }, 1_000);
  const session: HttpSession = {
    connection,
    onStats: null,
    async close() {
      clearInterval(timer);
      connection.close();
      await send('DELETE', sessionUrl, { ...options, signal: undefined });
    },
    [Symbol.asyncDispose]: () => session.close(),
  };
  return session;
}

async function send(
  method: 'POST' | 'DELETE',
  url: string,
  options: Pick<WhipOptions, 'bearer'> & { signal?: AbortSignal | undefined },
  sdp?: string,
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      ...(sdp === undefined ? {} : { body: sdp }),
      ...(options.signal ? { signal: options.signal } : {}),
      headers: {
        ...(sdp === undefined ? {} : { 'Content-Type': 'application/sdp' }),
        ...(options.bearer ? { Authorization: `Bearer ${options.bearer}` } : {}),
      },
    });
  } catch (error) {
    throw knownError(options.signal?.aborted ? 'aborted' : 'serverUnreachable', error);
  }
}

/** Problem details (RFC 9457) as an error; servers of other makes send none. */
async function toError(response: Response): Promise<SwitchyardError> {
  const isRetryable = response.status === 409 || response.status >= 500;
  const problem: unknown = await response.json().catch(() => null);
  const read = (field: string): string => {
    const value: unknown =
      typeof problem === 'object' && problem !== null ? Reflect.get(problem, field) : undefined;
    return typeof value === 'string' ? value : '';
  };
  if (response.status === 401) return knownError('unauthorized');
  return new SwitchyardError(read('code') || `http${response.status}`, {
    message: read('detail') || read('title') || `The server answered ${response.status}.`,
    fix: read('fix'),
    isRetryable,
  });
}

interface Totals {
  at: number;
  bytes: number;
  roundTripS: number;
  bufferS: number;
  bufferCount: number;
}

async function readTotals(connection: RTCPeerConnection): Promise<Totals> {
  const totals: Totals = { at: 0, bytes: 0, roundTripS: 0, bufferS: 0, bufferCount: 0 };
  (await connection.getStats()).forEach((entry: Record<string, unknown>) => {
    const num = (field: string) => (typeof entry[field] === 'number' ? entry[field] : 0);
    if (entry['type'] === 'inbound-rtp' || entry['type'] === 'outbound-rtp') {
      totals.at = num('timestamp');
      totals.bytes += num('bytesReceived') + num('bytesSent');
      totals.bufferS += num('jitterBufferDelay');
      totals.bufferCount += num('jitterBufferEmittedCount');
    } else if (entry['type'] === 'candidate-pair' && entry['nominated'] === true) {
      totals.roundTripS = num('currentRoundTripTime');
    }
  });
  return totals;
}

function compare(now: Totals, before: Totals): HttpStats {
  const seconds = Math.max(0.001, (now.at - before.at) / 1_000);
  const emitted = now.bufferCount - before.bufferCount;
  return {
    bitrateBps: Math.round((Math.max(0, now.bytes - before.bytes) * 8) / seconds),
    roundTripMs: now.roundTripS * 1_000,
    latencyMs: emitted > 0 ? ((now.bufferS - before.bufferS) / emitted) * 1_000 : 0,
  };
}
