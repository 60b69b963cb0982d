/** Tells of network and device changes; the returned function ends that. */
export function watchNetwork(port: { onNetwork: () => void; onDevices: () => void }): () => void {
  const ending = new AbortController();
  const options = { signal: ending.signal };
  globalThis.addEventListener('online', port.onNetwork, options);
  // Network Information API (W3C draft, Chromium): Wi-Fi to cellular, with no `online` between. Its
  // `change` also tells new estimates of speed, which are no reason to look for a new path.
  const connection: unknown = Reflect.get(navigator, 'connection');
  if (connection instanceof EventTarget) {
    let type: unknown = Reflect.get(connection, 'type');
    const onChange = () => {
      const now: unknown = Reflect.get(connection, 'type');
      if (now === type) return;
      type = now;
      if (now !== 'none') port.onNetwork();
    };
    connection.addEventListener('change', onChange, options);
  }
  navigator.mediaDevices?.addEventListener('devicechange', port.onDevices, options);
  return () => ending.abort();
}
