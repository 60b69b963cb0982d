import { err, ok, putU32, type Result, u32 } from '../base/index.ts';

/*
 * The control stream between the main process and a media worker (a Unix stream):
 *
 *     +--------------------+----------------------------+
 *     | length, 32 bit     | JSON text, `length` bytes  |
 *     +--------------------+----------------------------+
 *
 * The first frame to a worker is one `WorkerSettings`; every later one is an array of `MediaCommand`, and
 * every frame from a worker an array of `MediaNotice`.
 */

/** Longest JSON text of a frame, bytes. A writer splits its arrays before that. */
export const MAX_CONTROL_FRAME = 4 * 1024 * 1024;

const LENGTH_BYTES = 4;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** One frame with `value`. Throws when it is longer than a frame may be: nothing that is sent alone is. */
export function encodeControlFrame(value: object): Uint8Array {
  const frame = frameOf(value);
  if (frame.length > LENGTH_BYTES + MAX_CONTROL_FRAME)
    throw new Error(`control frame of ${frame.length} bytes`);
  return frame;
}

/** The frames that carry `messages` in order: one, unless together they are longer than a frame may be. */
export function encodeControlBatch(messages: readonly object[]): Uint8Array[] {
  const frame = frameOf(messages);
  if (frame.length <= LENGTH_BYTES + MAX_CONTROL_FRAME) return [frame];
  if (messages.length < 2) throw new Error(`control message of ${frame.length} bytes`);
  const half = messages.length >> 1;
  return [
    ...encodeControlBatch(messages.slice(0, half)),
    ...encodeControlBatch(messages.slice(half)),
  ];
}

function frameOf(value: object): Uint8Array {
  const json = encoder.encode(JSON.stringify(value));
  const frame = new Uint8Array(LENGTH_BYTES + json.length);
  putU32(frame, 0, json.length);
  frame.set(json, LENGTH_BYTES);
  return frame;
}

/** Why a stream cannot be read any further: its two ends no longer agree where a frame begins. */
export type ControlFrameError =
  | { readonly code: 'tooLong'; readonly length: number }
  | { readonly code: 'notJson' };

/**
 * Collects the bytes of a control stream into messages. `Message` is what the other end was built to send:
 * both ends are processes of this program, so the shape is not checked again.
 */
export class ControlFrameReader<Message> {
  #held: Uint8Array[] = [];
  #heldLength = 0;
  #failure: ControlFrameError | null = null;

  /** Takes the next bytes and returns what they completed. After a failure every further call fails alike. */
  read(chunk: Uint8Array): Result<Message[], ControlFrameError> {
    if (this.#failure !== null) return err(this.#failure);
    this.#held.push(chunk);
    this.#heldLength += chunk.length;
    const messages: Message[] = [];
    while (this.#heldLength >= LENGTH_BYTES) {
      const length = u32(this.#front(LENGTH_BYTES), 0);
      if (length > MAX_CONTROL_FRAME) return this.#fail({ code: 'tooLong', length });
      if (this.#heldLength < LENGTH_BYTES + length) break;
      const message = parse(this.#take(LENGTH_BYTES + length));
      if (message === undefined) return this.#fail({ code: 'notJson' });
      messages.push(message as Message);
    }
    return ok(messages);
  }

  #fail(failure: ControlFrameError): Result<Message[], ControlFrameError> {
    this.#failure = failure;
    this.#held = [];
    return err(failure);
  }

  /** A buffer that begins with at least the first `count` held bytes; those bytes stay held. */
  #front(count: number): Uint8Array {
    const first = this.#held[0]!;
    if (first.length >= count) return first;
    const joined = new Uint8Array(this.#heldLength);
    let at = 0;
    for (const part of this.#held) {
      joined.set(part, at);
      at += part.length;
    }
    this.#held = [joined];
    return joined;
  }

  /** Removes and returns the first `count` held bytes. */
  #take(count: number): Uint8Array {
    const front = this.#front(count);
    if (front.length === count) this.#held.shift();
    else this.#held[0] = front.subarray(count);
    this.#heldLength -= count;
    return front.subarray(0, count);
  }
}

/** The value in a whole frame; undefined when it is not JSON in UTF-8. */
function parse(frame: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(frame.subarray(LENGTH_BYTES)));
  } catch {
    return undefined;
  }
}
