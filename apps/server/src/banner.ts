import { renderUnicodeCompact } from 'uqr';
import type { ServerInfo } from './composition/server-info.ts';

const WIDTH = 80;
const LABEL = 10;

export interface BannerOptions {
  readonly colours: boolean;
  /** Draw a QR code of Meet's address: for terminals. */
  readonly qrCode: boolean;
  /** From the start of the process, ms. */
  readonly startedInMs: number;
}

/** The block of lines that `sy start` greets with: 80 columns, colours only where they repeat what is said. */
export function printBanner(info: ServerInfo, options: BannerOptions): string {
  const bold = (text: string) => (options.colours ? `\x1b[1m${text}\x1b[0m` : text);
  const dim = (text: string) => (options.colours ? `\x1b[2m${text}\x1b[0m` : text);
  const seconds = (options.startedInMs / 1000).toFixed(1);
  const lines = [
    `${bold(`Switchyard ${info.version}`)}   ready in ${seconds} s`,
    '',
    ...row(
      'Meet',
      meetLines(info).map((line, i) => (i === 0 ? bold(line) : line)),
    ),
    ...row('Dev key', devKeyLines(info)),
    '',
    ...row('Media', mediaLines(info)),
    ...row('Broadcast', [`WHIP on ${info.url}/whip/{room}`, `WHEP on ${info.url}/whep/{room}`]),
    ...noteLines(info).map(dim),
    ...(options.qrCode && info.meet !== null ? ['', ...qrLines(info.meet)] : []),
  ];
  return `\n${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n\n`;
}

function row(label: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL)}${line}`);
}

function meetLines({ meet, localUrl }: ServerInfo): string[] {
  if (meet === null) return ['not built: npm run build (or meet.enabled is false)'];
  return localUrl === null || localUrl === meet
    ? [`${meet}   <- open this`]
    : [`${meet}   <- open this`, `${localUrl}   on this machine`];
}

/** One line when it fits, since that is what one copies from. */
function devKeyLines({ devKey }: ServerInfo): string[] {
  if (devKey === null) return [];
  return [
    `${devKey.id} / ${devKey.secret}`,
    'DEVELOPMENT MODE: anybody on the LAN can get a token.',
    'Run `sy keys create` before going public.',
  ];
}

function mediaLines({ ports, addresses }: ServerInfo): string[] {
  const udp =
    ports.udp.length === 1 ? `udp/${ports.udp[0]}` : `udp/${ports.udp[0]}-${ports.udp.at(-1)}`;
  const tcp = ports.mediaOverTcp ? `, tcp/${ports.tcp}` : '';
  const workers = ports.udp.length === 1 ? '1 worker' : `${ports.udp.length} workers`;
  return [`${udp}${tcp}   ${workers}`, ...wrap(`on ${addresses.join(', ')}`)];
}

function noteLines({ tls }: ServerInfo): string[] {
  if (tls !== 'selfSigned') return [];
  return ['Certificate is self-signed: browsers will warn once. See tls.mode for others.'];
}

/** Breaks at blanks so that nothing is wider than the terminal. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length + LABEL + 3 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

const qrLines = (url: string): string[] => renderUnicodeCompact(url, { border: 1 }).split('\n');
