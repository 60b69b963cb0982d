import type { LocalPeer, RemotePeer, Stream } from '../lib/load-client.ts';
import type { Shape } from '../lib/shape.ts';

/** What every adapter is made with. */
export interface AdapterOptions {
  /** The core that the server is pinned to. */
  readonly core: number;
  readonly shape: Shape;
  /** `--set key=value` of the command line. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Starts one kind of server and speaks its signalling. Publishers and subscribers are numbered from 1. */
export interface Adapter {
  /** Name and version for the report; known after `start`. */
  readonly version: string;
  start(): Promise<void>;
  /** The server's root processes; their descendants are found. */
  pids(): number[];
  publish(publisher: number, local: LocalPeer, audio: Stream, video: Stream): Promise<RemotePeer>;
  /** One remote for each local peer. */
  subscribe(
    subscriber: number,
    publishers: readonly number[],
    locals: readonly LocalPeer[],
  ): Promise<RemotePeer[]>;
  /** How many PeerConnections one subscriber needs to take so many publishers. */
  peersPerSubscriber(publishers: number): number;
  /**
   * For servers where one PeerConnection carries both directions: joins as participant of a conference. With this,
   * `confN` has N PeerConnections; without it, publishing and subscribing are separate ones.
   */
  join?(
    participant: number,
    count: number,
    local: LocalPeer,
    audio: Stream,
    video: Stream,
  ): Promise<RemotePeer>;
  /** Called when all subscribers are connected. */
  ready(): Promise<void>;
  /** The last lines of the server's output, for error messages. */
  log(): string;
  stop(): Promise<void>;
}
