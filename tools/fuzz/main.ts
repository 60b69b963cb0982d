import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { attackLiveWorkers } from './live.ts';
import { fuzz } from './run.ts';
import { fromHex, tryInput } from './target.ts';
import { TARGETS } from './targets.ts';

const USAGE = `usage: npm run fuzz -- [target …] [--seconds N] [--seed S] [--input HEX]
  --seconds  for each target, 20 by default
  --seed     of the mutations, a random one by default
  --input    runs this one input instead
       npm run fuzz -- live [--datagrams N] [--transports N] [--seed S]
  --datagrams   hostile ones against a worker that carries a call, 10000000 by default
  --transports  opened and closed with whole handshakes, 10000 by default
targets: ${TARGETS.map(({ name }) => name).join(' ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '20' },
    seed: { type: 'string' },
    input: { type: 'string' },
    datagrams: { type: 'string', default: '10000000' },
    transports: { type: 'string', default: '10000' },
    help: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
if (positionals[0] === 'live') {
  const datagrams = Number(values.datagrams);
  const transports = Number(values.transports);
  process.exit(attackLiveWorkers({ datagrams, transports, seed }) ? 0 : 1);
}
const chosen = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (values.help || chosen.length === 0 || !(seconds > 0) || Number.isNaN(seed)) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}

let failures = 0;
for (const target of chosen) {
  if (values.input !== undefined) {
    const error = await tryInput(target, fromHex(values.input));
    console.log(`${target.name}: ${error ?? 'ok'}`);
    if (error !== null) failures++;
    continue;
  }
  const { inputs, failure } = await fuzz(target, { seed, seconds });
  console.log(
    `${target.name}: ${inputs} inputs, seed ${seed}${failure === null ? '' : ', FAILED'}`,
  );
  if (failure === null) continue;
  failures++;
  const file = `fuzz-${target.name}-${seed}.hex`;
  writeFileSync(file, `${failure.hex}\n`);
  console.log(`${failure.error}\nthe input is in ${file}`);
}
process.exit(failures === 0 ? 0 : 1);
