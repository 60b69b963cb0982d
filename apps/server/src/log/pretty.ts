const LEVELS: Readonly<Record<number, readonly [name: string, colour: number]>> = {
  20: ['debug', 90],
  30: ['info', 32],
  40: ['warn', 33],
  50: ['error', 31],
};

/** Fields of pino's lines that have a place of their own, or none. */
const OWN_FIELDS = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'err']);

/** One of pino's JSON lines for people: time, level, message, fields. What is no such line stays as it is. */
export function prettyLine(line: string, colours: boolean): string {
  const entry = parse(line);
  if (entry === null) return line;
  const paint = (text: string, code: number) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);
  const [level, colour] = LEVELS[Number(entry['level'])] ?? ['?', 0];
  const time = new Date(Number(entry['time'])).toISOString().slice(11, 23);
  const fields = Object.entries(entry)
    .filter(([name]) => !OWN_FIELDS.has(name))
    .map(([name, value]) => ` ${paint(`${name}=`, 90)}${printValue(value)}`);
  const stack = stackOf(entry['err']);
  return `${paint(time, 90)} ${paint(level.padEnd(5), colour)} ${escapeControls(String(entry['msg'] ?? ''))}${fields.join('')}${stack}\n`;
}

function parse(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

function printValue(value: unknown): string {
  if (typeof value === 'string' && /^[\w.:#/@+-]+$/.test(value)) return value;
  return escapeControls(JSON.stringify(value) ?? String(value));
}

/** An error's stack, indented below the line. */
function stackOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('stack' in error)) return '';
  return `\n${String(error.stack)
    .split('\n')
    .map((line) => `    ${escapeControls(line)}`)
    .join('\n')}`;
}

/** What a client wrote must not move the cursor or begin a line of its own. */
const escapeControls = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  text.replace(/[\x00-\x1f\x7f-\x9f]/g, (character) => JSON.stringify(character).slice(1, -1));
