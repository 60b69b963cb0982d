import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { SignalConnection, type SignalConnectionOptions } from '@switchyard/control/api';
import { MAX_MESSAGE, SUBPROTOCOL } from '@switchyard/core/signal';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { type HostPolicy, isTrustedHost, isTrustedOrigin } from './hosts.ts';

export interface SignallingOptions extends Omit<SignalConnectionOptions, 'socket'> {
  readonly hosts: HostPolicy;
}

const PATH = '/rtc';
/** A client that has not read so much of what it was sent is cut off; it can resume. Bytes. */
const MAX_UNREAD = 4 * 1024 * 1024;
/** RFC 6455 §5.5: the reason of a close frame. Bytes. */
const MAX_REASON = 123;
/** RFC 6455 §7.4.1: the server goes away. */
const GOING_AWAY = 1001;

/** The WebSockets of subprotocol `switchyard.v1` at `/rtc`. */
export class Signalling {
  readonly #options: SignallingOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    // Compressed secrets beside chosen text leak (CRIME), and every socket would cost 300 KB.
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    handleProtocols: () => SUBPROTOCOL,
  });

  constructor(options: SignallingOptions) {
    this.#options = options;
    this.#server.on('wsClientError', (_, socket) => socket.destroy());
  }

  /** For `upgrade` events of the HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refusal = this.#refusal(request);
    if (refusal !== null) refuse(socket, refusal);
    else this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#serve(webSocket));
  }

  /** Ends what is still open; sessions have been told goodbye before. Resolves when the last one is gone. */
  async close(): Promise<void> {
    for (const client of this.#server.clients) client.close(GOING_AWAY, 'server shutdown');
    const gone = [...this.#server.clients].map((client) => once(client, 'close'));
    await Promise.all(gone);
  }

  /** Cuts off who does not answer to the close. */
  terminate(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  /** Why an upgrade is refused, as an HTTP status line; null when it is not. */
  #refusal(request: IncomingMessage): string | null {
    const { host = '', origin, 'sec-websocket-protocol': protocols = '' } = request.headers;
    const { hosts } = this.#options;
    if (request.url?.replace(/\?.*$/s, '') !== PATH) return '404 Not Found';
    if (!isTrustedHost(host, hosts)) return '421 Misdirected Request';
    // Programs other than browsers send no Origin: it protects people with browsers, not us.
    if (origin !== undefined && !isTrustedOrigin(origin, host, hosts)) return '403 Forbidden';
    const offered = protocols.split(',').map((name) => name.trim());
    return offered.includes(SUBPROTOCOL) ? null : '400 Bad Request';
  }

  #serve(webSocket: WebSocket): void {
    const connection = new SignalConnection({
      ...this.#options,
      socket: {
        send: (text) => send(webSocket, text),
        close: (code, reason) => webSocket.close(code, shorten(reason)),
      },
    });
    webSocket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) webSocket.close(1003, 'text frames only');
      else connection.receive(data.toString());
    });
    webSocket.on('error', () => webSocket.terminate());
    webSocket.once('close', () => connection.disconnected());
  }
}

function send(webSocket: WebSocket, text: string): void {
  if (webSocket.readyState !== webSocket.OPEN) return;
  if (webSocket.bufferedAmount > MAX_UNREAD) webSocket.terminate();
  else webSocket.send(text);
}

const shorten = (reason: string): string =>
  Buffer.byteLength(reason) <= MAX_REASON ? reason : reason.slice(0, MAX_REASON >> 2);

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
