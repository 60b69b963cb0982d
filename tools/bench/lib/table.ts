import type { Result } from './session.ts';

/** A column of a results table: a numeric field of the results, its heading and its decimal places. */
export type Column = readonly [field: NumericField, heading: string, digits: number];
type NumericField = { [K in keyof Result]: Result[K] extends number ? K : never }[keyof Result];

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A value below which so large a part (0 to 1) of the values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/**
 * Medians per shape and server as a Markdown table. The last columns compare CPU per packet with the first server
 * and give its spread over the rounds.
 */
export function formatTable(results: readonly Result[], columns: readonly Column[]): string {
  const servers = [...new Set(results.map((result) => result.server))];
  const shapes = [...new Set(results.map((result) => result.shape))];
  const base = servers[0] ?? '';
  const of = (shape: string, server: string) =>
    results.filter((result) => result.shape === shape && result.server === server);
  const cost = (list: readonly Result[]) => list.map((result) => result.cpu_us_per_pkt);
  const rows = shapes.flatMap((shape) =>
    servers.flatMap((server) => {
      const runs = of(shape, server);
      if (runs.length === 0) return [];
      const values = columns.map(([field, , digits]) =>
        median(runs.map((run) => run[field])).toFixed(digits),
      );
      const ratio = median(cost(runs)) / median(cost(of(shape, base)));
      const spread = (Math.max(...cost(runs)) - Math.min(...cost(runs))) / 2 / median(cost(runs));
      return [[shape, server, ...values, `${ratio.toFixed(2)}x`, `±${(spread * 100).toFixed(0)}%`]];
    }),
  );
  const head = [
    'shape',
    'server',
    ...columns.map(([, heading]) => heading),
    `CPU vs ${base}`,
    'spread',
  ];
  return formatRows([head, ...rows]);
}

function formatRows(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}
