/** Tells of network and device changes; the returned function ends that. */
export function watchNetwork(port: { onNetwork: () => void; onDevices: () => void }): () => void {
  const ending = new AbortController();
  const options = { signal: ending.signal };
  globalThis.addEventListener('online', port.onNetwork, options);
  // Network Information API (W3C draft, Chromium only): Wi-Fi to cellular, with no `online` between.
  const connection: unknown = Reflect.get(navigator, 'connection');
  if (connection instanceof EventTarget) {
    connection.addEventListener('change', port.onNetwork, options);
  }
  navigator.mediaDevices?.addEventListener('devicechange', port.onDevices, options);
  return () => ending.abort();
}
