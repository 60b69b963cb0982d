import { parseArgs } from 'node:util';
import { defaultServers, parseServer, type ServerChoice } from './adapters/index.ts';

/** The command line, decoded. */
export interface BenchOptions {
  readonly servers: readonly ServerChoice[];
  /** Null: the command's own choice. */
  readonly shapes: readonly string[] | null;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpS: number;
  readonly srtp: string;
  readonly serverCore: number;
  readonly clientCore: number;
  /** Seconds to wait for an idle machine before each run; 0 takes it as it is. */
  readonly quietS: number;
  readonly clientArgs: readonly string[];
  /** File that the JSON lines are appended to. */
  readonly out?: string;
  /** Subscribers that `saturate` adds per step, and the most that it tries. */
  readonly ramp: { readonly step: number; readonly max: number };
  /** Shell command at the start of the window; `{pids}` stands for the server's processes. */
  readonly hook?: string;
}

export const USAGE = `usage: npm run bench -- [forward | saturate | memory | join | latency | recover | native | floor | path] [options]

  --servers A,B       name, or label=name+key=value…; default: switchyard and, where installed, janus+eventloops=1
  --shapes 1x50,…     PxS publishers x subscribers, PrS rooms of one publisher, confN conference
  --rounds N          interleaved rounds (3)          --seconds N   window of one run (10)
  --warmup N          seconds before the window (3)   --quiet N     wait up to N s for an idle machine (0)
  --srtp gcm|cm       SRTP profile (gcm)              --out FILE    append the JSON lines
  --server-cpu N      core of the server (0)          --client-cpu N  core of the load client (1)
  --client key=value  option of the load client: fps, delta-pkts, key-pkts, key-secs, vsize, vary, sample, gro
  --set key=value     setting for every server        --hook CMD    run CMD during the window, {pids} replaced
  --ramp STEP:MAX     subscribers that saturate adds per step, and at most (50:1500)

Without a command: one short round of "forward" at 1x50.`;

/** Throws with a readable message when the command line is wrong. */
export function parseOptions(args: readonly string[]): {
  command: string | null;
  options: BenchOptions;
} {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      servers: { type: 'string' },
      server: { type: 'string' },
      shapes: { type: 'string' },
      shape: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      warmup: { type: 'string' },
      srtp: { type: 'string', default: 'gcm' },
      'server-cpu': { type: 'string', default: '0' },
      'client-cpu': { type: 'string', default: '1' },
      quiet: { type: 'string', default: '0' },
      client: { type: 'string', multiple: true, default: [] },
      set: { type: 'string', multiple: true, default: [] },
      out: { type: 'string' },
      hook: { type: 'string' },
      ramp: { type: 'string', default: '50:1500' },
    },
  });
  const command = positionals[0] ?? null;
  const short = command === null;
  const names = (values.servers ?? values.server)?.split(',') ?? defaultServers();
  const shapes = (values.shapes ?? values.shape)?.split(',') ?? (short ? ['1x50'] : null);
  const [step = 50, max = 1_500] = values.ramp.split(':').map(Number);
  const extra = values.set.map((setting) => `+${setting}`).join('');
  return {
    command,
    options: {
      servers: names.map((name) => parseServer(name + extra)),
      shapes,
      rounds: Number(values.rounds ?? (short ? 1 : 3)),
      seconds: Number(values.seconds ?? (short ? 5 : 10)),
      warmUpS: Number(values.warmup ?? 3),
      srtp: values.srtp,
      serverCore: Number(values['server-cpu']),
      clientCore: Number(values['client-cpu']),
      quietS: Number(values.quiet),
      clientArgs: values.client.flatMap((option) => {
        const [key = '', value = ''] = option.split('=');
        return [`--${key}`, value];
      }),
      ramp: { step, max },
      ...(values.out ? { out: values.out } : {}),
      ...(values.hook ? { hook: values.hook } : {}),
    },
  };
}
