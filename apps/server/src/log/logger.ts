import { type Logger, pino } from 'pino';
import { prettyLine } from './pretty.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly pretty: 'auto' | boolean;
  /** Standard output belongs to the one JSON object of `--json` then. */
  readonly stream: NodeJS.WriteStream;
}

/** The server's log: JSON lines, or lines for people in a terminal. Written at once, so that a crash loses none. */
export function createLogger({ level, pretty, stream }: LogOptions): Logger {
  const isPretty = pretty === 'auto' ? stream.isTTY === true : pretty;
  const colours = isPretty && stream.isTTY === true && process.env['NO_COLOR'] === undefined;
  const write = isPretty
    ? (line: string) => void stream.write(prettyLine(line, colours))
    : (line: string) => void stream.write(line);
  return pino({ level, base: null }, { write });
}
