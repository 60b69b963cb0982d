/** A bad network on loopback: `node tools/lab/main.ts --target 127.0.0.1:7882 --loss 5 --delay 40`. */
import { parseArgs } from 'node:util';
import { type ImpairmentOptions, startImpairmentProxy } from './index.ts';

const USAGE = `usage: node tools/lab/main.ts --target 127.0.0.1:PORT [--listen 127.0.0.1:PORT] [--seed N]
  [--loss %] [--burst ENTER%:LEAVE%] [--delay ms] [--jitter ms] [--reorder %] [--duplicate %] [--rate kbit/s] [--queue ms]
Both directions alike; --up loss=5,delay=20 and --down rate=500 set one direction only. Ctrl-C prints the counters.`;

const FIELDS: Readonly<Record<string, keyof ImpairmentOptions>> = {
  loss: 'lossPercent',
  delay: 'delayMs',
  jitter: 'jitterMs',
  reorder: 'reorderPercent',
  duplicate: 'duplicatePercent',
  rate: 'rateKbps',
  queue: 'queueMs',
};

function readOptions(settings: Iterable<readonly [string, string]>): ImpairmentOptions {
  const options: Record<string, unknown> = {};
  for (const [name, value] of settings) {
    const numbers = value.split(':').map(Number);
    if (numbers.some((number) => !(number >= 0))) throw new Error(`${name}: ${value} is no number`);
    const [first, second = 100] = numbers;
    const field = FIELDS[name];
    if (field) options[field] = first;
    else if (name === 'burst') options['burst'] = { enterPercent: first, leavePercent: second };
    else throw new Error(`there is no impairment "${name}"`);
  }
  return options;
}

function readAddress(text: string) {
  const at = text.lastIndexOf(':');
  return {
    address: text.slice(0, at).replace(/[[\]]/g, '') || '127.0.0.1',
    port: Number(text.slice(at + 1)),
  };
}

function readDirection(text: string): [string, string][] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = part.split('=');
      return [name, value];
    });
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      target: text,
      listen: { ...text, default: '127.0.0.1:0' },
      seed: { ...text, default: '1' },
      up: { ...text, default: '' },
      down: { ...text, default: '' },
      burst: text,
      ...Object.fromEntries(Object.keys(FIELDS).map((name) => [name, text])),
    },
  });
  if (!values.target) throw new Error('--target is missing');
  const both = Object.entries(values).filter(
    (entry): entry is [string, string] => entry[0] in FIELDS || entry[0] === 'burst',
  );
  const proxy = await startImpairmentProxy({
    listen: readAddress(values.listen),
    target: readAddress(values.target),
    seed: Number(values.seed),
    up: readOptions([...both, ...readDirection(values.up)]),
    down: readOptions([...both, ...readDirection(values.down)]),
  });
  console.log(`${proxy.address}:${proxy.port} -> ${values.target}`);
  const end = () => {
    console.log(JSON.stringify(proxy.counters));
    void proxy.close();
  };
  process.once('SIGINT', end).once('SIGTERM', end);
}

main().catch((error: unknown) => {
  console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  process.exitCode = 2;
});
