/*
 * Words that can be read out on the phone: two or three syllables, common, no sound-alikes of each other
 * ("bay"/"bey"), nothing that sounds unkind in any combination.
 */
const COLOURS =
  'amber azure blue bronze cobalt copper coral crimson ebony emerald golden green indigo ivory jade lemon lilac maple mint olive orange pearl plum purple ruby saffron scarlet silver teal violet'.split(
    ' ',
  );
const PLACES =
  'anchor arcade bakery beacon bridge cabin canal canyon castle cottage crossing delta dune ferry forest fountain garden glacier harbor island junction lagoon lantern library lighthouse market meadow mountain museum orchard palace park pavilion pier plaza prairie river station summit terrace tower tunnel valley viaduct village volcano waterfall windmill'.split(
    ' ',
  );

/** Longest room name that the server takes, and which characters (core/signal `RoomName`). */
const MAX_LENGTH = 128;

/**
 * A fresh memorable name such as `amber-canal-4217`. `random` gives 32 bits. Some 13 million names: easy to say,
 * yet not found by chance within a meeting's life.
 */
export function makeRoomName(random: () => number): string {
  const pick = (words: readonly string[]) => words[random() % words.length];
  return `${pick(COLOURS)}-${pick(PLACES)}-${1000 + (random() % 9000)}`;
}

/** 32 random bits of the browser. */
export function randomBits(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/**
 * The room that somebody means who typed a name or pasted a link; null when nothing usable is in it. Spaces
 * become dashes, what a link cannot carry is dropped.
 */
export function toRoomName(typed: string): string | null {
  const text = typed.trim();
  const link = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : null;
  const name = link ? decode(link.pathname.slice(1).split('/')[0] ?? '') : text;
  const cleaned = name
    .normalize('NFC')
    .replace(/\s+/gu, '-')
    .replace(/[^\p{L}\p{N}._~-]/gu, '')
    .slice(0, MAX_LENGTH);
  return /[\p{L}\p{N}]/u.test(cleaned) ? cleaned : null;
}

/** The room that a path such as `/standup` names; null for paths that are none. */
export function roomOfPath(path: string): string | null {
  const name = decode(path.replace(/^\//, ''));
  return /^[\p{L}\p{N}._~-]{1,128}$/u.test(name) ? name : null;
}

/** The path under which a room is reached. */
export function pathOfRoom(room: string): string {
  return `/${encodeURIComponent(room)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
