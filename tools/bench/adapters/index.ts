import { existsSync } from 'node:fs';
import type { Shape } from '../lib/shape.ts';
import type { Adapter, AdapterOptions } from './adapter.ts';
import { JanusAdapter } from './janus.ts';
import { NdcAdapter } from './ndc.ts';
import { SwitchyardAdapter } from './switchyard.ts';
import { SwitchyardRtcAdapter } from './switchyard-rtc.ts';
import { WhipAdapter } from './whip.ts';

type AdapterClass = new (options: AdapterOptions) => Adapter;

const ADAPTERS: Readonly<Record<string, AdapterClass>> = {
  switchyard: SwitchyardAdapter,
  'switchyard-rtc': SwitchyardRtcAdapter,
  janus: JanusAdapter,
  ndc: NdcAdapter,
  whip: WhipAdapter,
};

/** A server as the command line names it: `name`, or `label=name+key=value+…`. */
export interface ServerChoice {
  readonly label: string;
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Throws when there is no such adapter. */
export function parseServer(text: string): ServerChoice {
  const labelled = /^([\w.-]+)=(.+)$/.exec(text.split('+')[0] ?? '');
  const [name = '', ...parts] = (labelled ? text.slice(labelled[1]!.length + 1) : text).split('+');
  if (!(name in ADAPTERS)) {
    throw new Error(`no adapter for ${name}; there are ${Object.keys(ADAPTERS).join(', ')}`);
  }
  const settings = Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1)];
    }),
  );
  return { label: labelled?.[1] ?? name, name, settings };
}

export function makeAdapter(choice: ServerChoice, core: number, shape: Shape): Adapter {
  const Chosen = ADAPTERS[choice.name];
  if (!Chosen) throw new Error(`no adapter for ${choice.name}`);
  return new Chosen({ core, shape, settings: choice.settings });
}

/** Ours, and Janus in its faster threading mode where it is installed. */
export function defaultServers(): string[] {
  const janus = process.env['BENCH_JANUS'] ?? '/usr/bin/janus';
  return ['switchyard', ...(existsSync(janus) ? ['janus+eventloops=1'] : [])];
}
