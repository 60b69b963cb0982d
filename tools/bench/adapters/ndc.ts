import { fileURLToPath } from 'node:url';
import type { AdapterOptions } from './adapter.ts';
import { WhipAdapter } from './whip.ts';

const PORT = 47_300;

/** The smallest forwarder over libdatachannel (peers/ndc-server.ts): what "JavaScript touches every packet" costs. */
export class NdcAdapter extends WhipAdapter {
  constructor(options: AdapterOptions) {
    super(options, {
      name: 'node-datachannel',
      command: [
        process.execPath,
        fileURLToPath(new URL('../peers/ndc-server.ts', import.meta.url)),
        String(PORT),
      ],
      whip: `http://127.0.0.1:${PORT}/whip/{pub}`,
      whep: `http://127.0.0.1:${PORT}/whep/{pub}`,
      ready: `http://127.0.0.1:${PORT}/`,
    });
  }
}
