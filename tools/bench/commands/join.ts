import { appendFileSync } from 'node:fs';
import { makeAdapter } from '../adapters/index.ts';
import { Session } from '../lib/session.ts';
import { parseShape } from '../lib/shape.ts';
import { quantile } from '../lib/table.ts';
import type { BenchOptions } from '../options.ts';

/** Joins one after the other before the storm: the time without competition. */
const SINGLE_JOINS = 20;
const DECODABLE_TIMEOUT_MS = 30_000;

/**
 * Time from the wish to join (before signalling) to the last packet of the first whole keyframe: what a viewer waits
 * for. First one at a time, then all subscribers of the shape at once.
 */
export async function join(options: BenchOptions): Promise<void> {
  for (const server of options.servers) {
    for (const text of options.shapes ?? ['1x200']) {
      const shape = parseShape(text);
      const adapter = makeAdapter(server, options.serverCore, shape);
      const session = await Session.open(adapter, shape, { ...options, label: server.label });
      try {
        const single: number[] = [];
        for (let i = 1; i <= SINGLE_JOINS; i++) single.push(await joinOnce(session, i));
        const storm = await Promise.all(
          Array.from({ length: shape.subscribers }, (_, i) =>
            joinOnce(session, SINGLE_JOINS + 1 + i),
          ),
        );
        const line = JSON.stringify({
          server: server.label,
          version: adapter.version,
          shape: text,
          single_join: summary(single),
          join_storm: { at_once: shape.subscribers, ...summary(storm) },
          failed: session.client.failedCount,
        });
        console.log(line);
        if (options.out) appendFileSync(options.out, `${line}\n`);
      } finally {
        await session.close();
      }
    }
  }
}

async function joinOnce(session: Session, subscriber: number): Promise<number> {
  const start = Number(process.hrtime.bigint() / 1_000n) / 1_000;
  const frames: Promise<number>[] = [];
  await session.addSubscriber(subscriber, (local) => {
    frames.push(session.client.decodable(local));
  });
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => timeout.reject(new Error(`subscriber ${subscriber}: no whole keyframe in time`)),
    DECODABLE_TIMEOUT_MS,
  );
  try {
    const times = await Promise.race([Promise.all(frames), timeout.promise]);
    return Math.max(...times) - start;
  } finally {
    clearTimeout(timer);
  }
}

function summary(times: readonly number[]) {
  const at = (part: number) => Number(quantile(times, part).toFixed(1));
  return { p50_ms: at(0.5), p90_ms: at(0.9), p99_ms: at(0.99), max_ms: at(1) };
}
