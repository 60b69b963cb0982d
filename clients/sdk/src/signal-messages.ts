import type { ClientMessage, ServerMessage } from '@switchyard/core/signal';

type Of<M, Kind> = Extract<M, { kind: Kind }>;
export type Joined = Of<ServerMessage, 'joined'>;
export type Resumed = Of<ServerMessage, 'resumed'>;
export type Reply = Of<ServerMessage, 'reply'>;
export type Answer = Of<ServerMessage, 'answer'>;
export type Goodbye = Of<ServerMessage, 'goodbye'>;
export type JoinBody = Omit<Of<ClientMessage, 'join'>, 'id' | 'kind'>;

type WithoutId<M> = M extends { id: number } ? Omit<M, 'id'> : never;
/** What may be asked once joined; answered by `reply`, `answer` or `error`. */
export type RequestBody = WithoutId<Exclude<ClientMessage, { kind: 'join' | 'resume' }>>;
/** What is only told. */
export type NoticeBody = Of<ClientMessage, 'view'>;
/** Everything that happens in a room by itself. */
export type RoomMessage = Exclude<
  ServerMessage,
  { kind: 'joined' | 'resumed' | 'reply' | 'answer' | 'error' | 'pong' | 'goodbye' }
>;

/** Reads one text frame; null when it is no message of ours. The server is trusted with the rest. */
export function readMessage(text: string): ServerMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'kind' in value
      ? (value as ServerMessage)
      : null;
  } catch {
    return null;
  }
}

/** Where the signalling socket is, from the address people type. Null: not an address. */
export function toSignalUrl(address: string): string | null {
  const text = /^[a-z]+:\/\//i.test(address) ? address : `https://${address}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  const protocol =
    url && { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }[url.protocol];
  if (!url || !protocol) return null;
  const path = url.pathname.replace(/\/+$/, '');
  return `${protocol}//${url.host}${path.endsWith('/rtc') ? path : `${path}/rtc`}`;
}
