import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // Fonts and icons stay files: the page's content policy allows no `data:` fonts.
    assetsInlineLimit: 0,
    // Prefetching is ours to time: the call is loaded once the lobby stands.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `vite dev` beside a running server: pages come from here, everything else from there.
  server: {
    proxy: {
      '/api': 'http://localhost:7880',
      '/healthz': 'http://localhost:7880',
      '/rtc': { target: 'ws://localhost:7880', ws: true },
    },
  },
});
