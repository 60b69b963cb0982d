import type { Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { ConnectionCounter } from './connection-counter.ts';
import { classifyFirstBytes, type Protocol } from './first-bytes.ts';
import { createRedirectServer } from './redirect-server.ts';
import { isLoopback, remoteOf } from './remote.ts';

export interface OnePortOptions {
  /** A literal address; null: all of them, both families. */
  readonly host: string | null;
  /** 0: any free port. */
  readonly port: number;
  /** PEM; null: no TLS, and plain HTTP for everybody. With TLS plain HTTP is for loopback, others are redirected. */
  readonly tls: TlsIdentity | null;
  /** Takes HTTP and WebSocket connections; it does not listen itself. */
  readonly http: HttpServer;
  /** Takes connections that begin with a framed STUN message, unread; null: they are refused. */
  readonly onMedia: ((socket: Socket) => void) | null;
  readonly connectionsPerAddress: number;
  /** A connection has to show what it speaks within this time, TLS handshake included. Default 10 s. */
  readonly firstBytesMs?: number;
}

/** A certificate chain and its key, PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** What the system's queue of unaccepted connections holds at most. */
const BACKLOG = 1024;

/**
 * The one TCP port: tells TLS, HTTP and media (RFC 4571) apart by a connection's first bytes, inside of TLS
 * once more, and hands the connection with all its bytes to whoever speaks that protocol.
 */
export class OnePortListener {
  readonly #options: OnePortOptions;
  readonly #counter: ConnectionCounter;
  readonly #server: Server;
  readonly #tls: TlsServer | null;
  readonly #redirect: HttpServer = createRedirectServer();
  /** Everything that is open, so that `close` can end it. */
  readonly #sockets = new Set<Socket>();

  constructor(options: OnePortOptions) {
    this.#options = options;
    this.#counter = new ConnectionCounter(options.connectionsPerAddress);
    // HTTP answers also those who have closed their half.
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
      this.#accept(socket),
    );
    this.#tls = options.tls === null ? null : this.#createTls(options.tls);
    // Both servers do not listen: this starts their timers against slow headers, which `listening` does.
    options.http.emit('listening');
    this.#redirect.emit('listening');
  }

  /** Opens the port; rejects with the system's error (`EADDRINUSE`, `EACCES`). Resolves with where it is. */
  async listen(): Promise<AddressInfo> {
    const { host, port } = this.#options;
    try {
      return await this.#open(host ?? '::', port);
    } catch (error) {
      if (host !== null || !isCode(error, 'EAFNOSUPPORT', 'EADDRNOTAVAIL')) throw error;
      return await this.#open('0.0.0.0', port);
    }
  }

  /** New connections get this certificate from now on. */
  setIdentity(identity: TlsIdentity): void {
    this.#tls?.setSecureContext(identity);
  }

  /** Closes the port; what is open stays open until `destroyConnections`. */
  stopListening(): void {
    if (this.#server.listening) this.#server.close();
    this.#options.http.close();
    this.#redirect.close();
  }

  destroyConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(host: string, port: number): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: BACKLOG }, () => {
        this.#server.off('error', reject);
        // Accepting can fail later (no file descriptor left); the next one may succeed.
        this.#server.on('error', () => {});
        resolve(this.#server.address() as AddressInfo);
      });
    });
  }

  #createTls(identity: TlsIdentity): TlsServer {
    const server = createTlsServer({
      ...identity,
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      handshakeTimeout: this.#firstBytesMs,
    });
    server.on('secureConnection', (socket) => {
      socket.on('error', () => socket.destroy());
      this.#sniff(socket, (protocol) => this.#route(socket, protocol, true));
    });
    server.on('tlsClientError', (_, socket) => socket.destroy());
    return server;
  }

  #accept(socket: Socket): void {
    const remote = remoteOf(socket);
    const giveBack = remote === null ? null : this.#counter.take(remote);
    if (giveBack === null) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      giveBack();
    });
    socket.on('error', () => socket.destroy());
    this.#sniff(socket, (protocol) => this.#route(socket, protocol, false));
  }

  #route(socket: Socket, protocol: Protocol, isSecure: boolean): void {
    if (protocol === 'media' && this.#options.onMedia !== null) this.#options.onMedia(socket);
    else if (protocol === 'http') this.#httpServerFor(socket, isSecure).emit('connection', socket);
    else if (protocol === 'tls' && !isSecure && this.#tls !== null)
      this.#tls.emit('connection', socket);
    else socket.destroy();
  }

  #httpServerFor(socket: Socket, isSecure: boolean): HttpServer {
    if (isSecure || this.#tls === null) return this.#options.http;
    const remote = remoteOf(socket);
    return remote !== null && isLoopback(remote.ip) ? this.#options.http : this.#redirect;
  }

  /** Reads until the protocol is known, puts the bytes back and tells it. */
  #sniff(socket: Socket, tell: (protocol: Protocol) => void): void {
    let held: Buffer = Buffer.alloc(0);
    const onEnd = () => socket.destroy();
    const timer = setTimeout(onEnd, this.#firstBytesMs);
    const stop = () => {
      clearTimeout(timer);
      socket.off('readable', onReadable);
      socket.off('close', stop);
      socket.off('end', onEnd);
    };
    const onReadable = () => {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) return;
      held = Buffer.concat([held, chunk]);
      const protocol = classifyFirstBytes(held, held.length);
      if (protocol === 'more') return;
      stop();
      socket.unshift(held);
      tell(protocol);
    };
    socket.on('readable', onReadable);
    socket.once('close', stop);
    socket.once('end', onEnd);
  }

  get #firstBytesMs(): number {
    return this.#options.firstBytesMs ?? 10_000;
  }
}

const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));
