import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeAdapter, type ServerChoice } from '../adapters/index.ts';
import { type Result, Session, waitForQuiet } from '../lib/session.ts';
import { parseShape } from '../lib/shape.ts';
import { type Column, formatTable } from '../lib/table.ts';
import type { BenchOptions } from '../options.ts';

/** A run during which other work took more of the server's core than this is repeated once. */
const MAX_FOREIGN_PCT = 10;

const FORWARD_COLUMNS: readonly Column[] = [
  ['delivered_pps', 'pkt/s', 0],
  ['cpu_us_per_pkt', 'CPU µs/pkt', 2],
  ['user_us_per_pkt', 'user', 2],
  ['sys_us_per_pkt', 'sys', 2],
  ['cpu_pct', 'core %', 1],
  ['loss_pct', 'loss %', 2],
  ['lat_p50_ms', 'p50 ms', 2],
  ['lat_p99_ms', 'p99 ms', 2],
];

const LATENCY_COLUMNS: readonly Column[] = [
  ['lat_p50_ms', 'p50 ms', 2],
  ['lat_p99_ms', 'p99 ms', 2],
  ['lat_max_ms', 'max ms', 1],
  ['loss_pct', 'loss %', 2],
  ['delivered_pps', 'pkt/s', 0],
];

const MEMORY_COLUMNS: readonly Column[] = [
  ['rss_base_mib', 'idle MiB', 1],
  ['rss_mib', 'MiB', 1],
  ['rss_kib_per_sub', 'KiB/subscriber', 0],
  ['threads', 'threads', 0],
];

/** CPU per forwarded packet, the figure that the harness is built around. */
export async function forward(options: BenchOptions): Promise<void> {
  await compare(options, options.shapes ?? ['1x10', '1x50', '1x200', 'conf8'], FORWARD_COLUMNS);
}

/** One-way delay from publisher to subscriber. */
export async function latency(options: BenchOptions): Promise<void> {
  await compare(options, options.shapes ?? ['1x10', '1x50', '1x200'], LATENCY_COLUMNS);
}

/** Resident memory when idle, and what each subscriber adds. */
export async function memory(options: BenchOptions): Promise<void> {
  await compare(options, options.shapes ?? ['1x50', '1x200', 'conf8'], MEMORY_COLUMNS);
}

/**
 * Measures the servers in turn (A B A B …) over each shape: one JSON line per run, then a table of medians. Turns,
 * because a machine's speed drifts; the median, because a disturbed run is far off.
 */
async function compare(
  options: BenchOptions,
  shapes: readonly string[],
  columns: readonly Column[],
): Promise<void> {
  const results: Result[] = [];
  for (const shape of shapes) {
    for (let round = 0; round < options.rounds; round++) {
      for (const server of options.servers) {
        const result = await measureQuietly(options, server, shape);
        if (result) results.push(result);
      }
    }
  }
  console.log(`\n${formatTable(results, columns)}`);
}

async function measureQuietly(
  options: BenchOptions,
  server: ServerChoice,
  shape: string,
): Promise<Result | null> {
  try {
    const first = await measureOnce(options, server, shape);
    if (first.foreign_pct < MAX_FOREIGN_PCT || options.quietS === 0) return record(options, first);
    const second = await measureOnce(options, server, shape);
    return record(options, second.foreign_pct < first.foreign_pct ? second : first);
  } catch (error) {
    console.error(`${shape} ${server.label}: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
    return null;
  }
}

async function measureOnce(
  options: BenchOptions,
  server: ServerChoice,
  shapeText: string,
): Promise<Result> {
  const shape = parseShape(shapeText);
  await waitForQuiet([options.serverCore, options.clientCore], options.quietS);
  const adapter = makeAdapter(server, options.serverCore, shape);
  const session = await Session.open(adapter, shape, { ...options, label: server.label });
  try {
    await session.growTo(shape.subscribers);
    return await session.measure(options.warmUpS, options.seconds, options.hook);
  } finally {
    await session.close();
    await sleep(500);
  }
}

function record(options: BenchOptions, result: Result): Result {
  const line = JSON.stringify(result);
  console.log(line);
  if (options.out) appendFileSync(options.out, `${line}\n`);
  return result;
}
