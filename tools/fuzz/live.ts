import { spawnSync } from 'node:child_process';

/** What the attack test runs with, and which tests show a live worker under attack. */
export interface LiveOptions {
  readonly datagrams: number;
  readonly transports: number;
  readonly seed: number;
}

const TESTS = ['hostile-datagrams', 'hostile-limits', 'worker-leak'];
const ROOT = new URL('../../', import.meta.url);

/** Runs the tests against live workers at full length; false when one fails. */
export function attackLiveWorkers({ datagrams, transports, seed }: LiveOptions): boolean {
  const files = TESTS.map((name) => `runtime/test/${name}.test.ts`);
  const { status } = spawnSync(process.execPath, ['--test', ...files], {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      SWITCHYARD_ATTACK_DATAGRAMS: String(datagrams),
      SWITCHYARD_ATTACK_SEED: String(seed),
      SWITCHYARD_LEAK_TRANSPORTS: String(transports),
    },
  });
  return status === 0;
}
