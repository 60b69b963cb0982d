import { appendFileSync } from 'node:fs';
import { makeAdapter } from '../adapters/index.ts';
import { type Result, Session } from '../lib/session.ts';
import { parseShape } from '../lib/shape.ts';
import type { BenchOptions } from '../options.ts';

/** A step fails when it loses or delays more than this. */
const MAX_LOSS_PCT = 1;
const MAX_P99_MS = 50;

/** Adds subscribers to ten rooms until one core no longer keeps up; the last good step is the saturation point. */
export async function saturate(options: BenchOptions): Promise<void> {
  for (const server of options.servers) {
    for (const text of options.shapes ?? ['10r100']) {
      const shape = parseShape(text);
      const adapter = makeAdapter(server, options.serverCore, shape);
      const session = await Session.open(adapter, shape, { ...options, label: server.label });
      let best: Result | null = null;
      try {
        for (let count = shape.subscribers; count <= options.ramp.max; count += options.ramp.step) {
          await session.growTo(count);
          const result = await session.measure(options.warmUpS, options.seconds, options.hook);
          const good = result.loss_pct < MAX_LOSS_PCT && result.lat_p99_ms < MAX_P99_MS;
          // Then the load client was the limit, not the server.
          const clientLimited = result.client.drops > 0 || result.client.lag_p99_ms > 20;
          print(options, { ...result, ok: good, client_limited: clientLimited });
          if (!good) break;
          best = result;
        }
      } finally {
        await session.close();
      }
      print(options, { server: server.label, version: adapter.version, saturation: best });
    }
  }
}

function print(options: BenchOptions, value: object): void {
  const line = JSON.stringify(value);
  console.log(line);
  if (options.out) appendFileSync(options.out, `${line}\n`);
}
