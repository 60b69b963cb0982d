/** Up to two letters for a name: first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = firstLetter(words[0] ?? '');
  const last = words.length > 1 ? firstLetter(words.at(-1) ?? '') : '';
  return (first + last).toLocaleUpperCase() || '?';
}

/**
 * A hue in degrees that belongs to an identity on every screen: FNV-1a over its UTF-16 units, spread over
 * twelve hues that stay apart from each other.
 */
export function hueOf(identity: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < identity.length; at++) {
    hash = Math.imul(hash ^ identity.charCodeAt(at), 0x01000193) >>> 0;
  }
  return ((hash >>> 8) % 12) * 30;
}

function firstLetter(word: string): string {
  return word.match(/[\p{L}\p{N}]/u)?.[0] ?? '';
}
