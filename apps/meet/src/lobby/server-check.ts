export type ServerCheck =
  | { readonly kind: 'checking' }
  | { readonly kind: 'reached'; readonly roundTripMs: number }
  | { readonly kind: 'unreachable' };

/**
 * Asks the server twice: the first answer opens the connection, the second tells the round trip. Never
 * rejects.
 */
export async function checkServer(
  now: () => number,
  fetchFrom: typeof fetch = fetch,
): Promise<ServerCheck> {
  const ask = () => fetchFrom('/healthz', { cache: 'no-store' });
  try {
    await ask();
    const start = now();
    const response = await ask();
    if (!response.ok) return { kind: 'unreachable' };
    return { kind: 'reached', roundTripMs: now() - start };
  } catch {
    return { kind: 'unreachable' };
  }
}
