// Runs a program whose whole family can be found and ended afterwards. Plain JavaScript for older Nodes.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const MARK = 'SWITCHYARD_RUN';

/**
 * Runs a program to its end, at most `timeoutMs`; resolves with its exit code, -1 after a timeout. Browsers and
 * servers move into process groups of their own, so a leftover is found by a mark in its environment, not by its
 * parent (Linux; elsewhere only the direct process group is ended).
 */
export function runFamily(command, args, { cwd, env = {}, timeoutMs }) {
  const mark = `${process.pid}-${Date.now()}`;
  const child = spawn(command, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env, [MARK]: mark },
  });
  return new Promise((resolve) => {
    const finish = (code) => {
      clearTimeout(timer);
      for (const signal of SIGNALS) process.removeListener(signal, interrupt);
      endFamily(child.pid, mark);
      resolve(code);
    };
    const interrupt = () => {
      endFamily(child.pid, mark);
      process.exit(130);
    };
    const timer = setTimeout(() => {
      console.error(`${command}: stopped after ${Math.round(timeoutMs / 1000)} s`);
      finish(-1);
    }, timeoutMs);
    for (const signal of SIGNALS) process.on(signal, interrupt);
    child.on('error', () => finish(-1));
    child.on('exit', (code) => finish(code ?? -1));
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function endFamily(group, mark) {
  if (group !== undefined) kill(-group);
  for (const pid of markedProcesses(mark)) kill(pid);
}

function markedProcesses(mark) {
  const found = [];
  for (const name of listProcesses()) {
    try {
      if (readFileSync(`/proc/${name}/environ`, 'latin1').includes(`${MARK}=${mark}\0`))
        found.push(Number(name));
    } catch {
      // ended meanwhile, or not ours to read
    }
  }
  return found;
}

function listProcesses() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
