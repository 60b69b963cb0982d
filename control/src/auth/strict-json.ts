/** Deeper nesting than this is not worth reading in a token. */
const MAX_DEPTH = 16;

/**
 * Parses a JSON object, refusing duplicate member names at any depth (RFC 8725 §2.4: two readers of one
 * token must not see different claims). null for anything else than such an object.
 */
export function parseStrictJson(text: string): Readonly<Record<string, unknown>> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return hasUniqueNames(text) ? (value as Record<string, unknown>) : null;
}

/** Walks the tokens of well-formed JSON with a stack of the names seen in each open object. */
function hasUniqueNames(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  for (const match of text.matchAll(/[{}[\]]|("(?:[^"\\]|\\.)*")\s*(:?)/g)) {
    const [token, string, colon] = match;
    if (string !== undefined) {
      const names = open.at(-1);
      if (colon !== ':' || !names) continue;
      const name: string = JSON.parse(string);
      if (names.has(name)) return false;
      names.add(name);
    } else if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > MAX_DEPTH) return false;
    } else open.pop();
  }
  return true;
}
