import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** A whole conference client should cost a page less than a picture. */
const LIMIT_BYTES = 45 * 1024;

async function bundle(entry: string): Promise<{ gzipLength: number; inputs: string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${entry}`, import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return {
    gzipLength: gzipSync(outputFiles[0]!.contents, { level: 9 }).length,
    inputs: Object.keys(metafile.inputs),
  };
}

for (const entry of ['index.ts', 'simple.ts', 'whip.ts']) {
  test(`${entry} stays within 45 KB gzip and brings no package along`, async (t) => {
    const { gzipLength, inputs } = await bundle(entry);
    t.diagnostic(`${gzipLength} bytes gzip`);
    assert.ok(gzipLength <= LIMIT_BYTES, `${gzipLength} bytes`);
    assert.deepEqual(
      inputs.filter((input) => input.includes('node_modules')),
      [],
    );
    assert.ok(!inputs.some((input) => input.includes('core/') && !input.endsWith('protocol.ts')));
  });
}
