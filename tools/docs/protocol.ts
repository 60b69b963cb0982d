import { ERROR_CATALOGUE } from '@switchyard/control/rooms';
import * as signal from '@switchyard/core/signal';
import * as z from 'zod';
import { readComments } from './source-comments.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

const SOURCES = new URL('../../core/src/signal/', import.meta.url);

/** Objects that messages carry, in the order of the document. */
const OBJECTS = [
  'RoomInfo',
  'ParticipantInfo',
  'Permissions',
  'TrackInfo',
  'Layer',
  'SlotState',
  'CallInfo',
  'SignalError',
] as const;

/** Fills what stands between the markers `<!-- NAME -->` and `<!-- /NAME -->` of the document anew. */
export function describeProtocol(document: string): string {
  const sections = makeSections();
  return document.replaceAll(
    /(<!-- ([a-z-]+) -->\n)[\s\S]*?(<!-- \/\2 -->)/g,
    (_, start: string, name: string, end: string) => {
      const section = sections[name];
      if (section === undefined) throw new Error(`docs/protocol.md wants an unknown part: ${name}`);
      return `${start}\n${section.trim()}\n\n${end}`;
    },
  );
}

function makeSections(): Readonly<Record<string, string>> {
  const comments = readComments(SOURCES);
  const schemas = jsonSchemas();
  const describe = (names: readonly string[]) =>
    names.map((name) => describeSchema(name, schemas[name]!, comments)).join('\n\n');
  return {
    'client-messages': describe(namesOf(signal.ClientMessage.options)),
    'server-messages': describe(namesOf(signal.ServerMessage.options)),
    objects: describe(OBJECTS),
    errors: describeErrors(),
    'close-codes': describeCloseCodes(),
  };
}

const isSchema = (value: unknown): value is z.ZodType => value instanceof z.ZodType;

/** Names under which `core/signal` exports these schemas. */
function namesOf(schemas: readonly z.ZodType[]): string[] {
  const entries = Object.entries(signal);
  return schemas.map((schema) => {
    const name = entries.find(([, value]) => value === schema)?.[0];
    if (name === undefined) throw new Error('a message schema is not exported by core/signal');
    return name;
  });
}

/** Every exported schema as JSON Schema; they refer to each other by name. */
function jsonSchemas(): Readonly<Record<string, JsonSchema>> {
  const unions: readonly unknown[] = [signal.ClientMessage, signal.ServerMessage];
  const registry = z.registry<{ id: string }>();
  for (const [id, value] of Object.entries(signal))
    if (isSchema(value) && !unions.includes(value)) registry.add(value, { id });
  return z.toJSONSchema(registry, { uri: (id) => id, io: 'input' }).schemas;
}

function describeSchema(
  name: string,
  schema: JsonSchema,
  comments: ReadonlyMap<string, string>,
): string {
  const kind = objectOf(objectOf(schema['properties'])['kind'])['const'];
  const rows = rowsOf(name, schema, '', comments);
  const title = typeof kind === 'string' ? `\`${kind}\`` : name;
  const table = ['| field | type | meaning |', '|---|---|---|', ...rows].join('\n');
  return [`### ${title}`, comments.get(name), rows.length > 0 ? table : 'No fields.']
    .filter((part) => part !== undefined)
    .join('\n\n');
}

/** A row for each field of an object, and below it those of objects written in place. */
function rowsOf(
  name: string,
  schema: JsonSchema,
  prefix: string,
  comments: ReadonlyMap<string, string>,
): string[] {
  const required = new Set(arrayOf(schema['required']));
  return Object.entries(objectOf(schema['properties'])).flatMap(([field, value]) => {
    const property = objectOf(value);
    if (field === 'kind' && 'const' in property) return [];
    const path = `${prefix}${field}`;
    const inner = property['type'] === 'array' ? objectOf(property['items']) : property;
    const isWrittenInPlace = inner['properties'] !== undefined;
    const type = isWrittenInPlace ? wordFor(property) : typeOf(property);
    const mark = required.has(field) ? '' : '?';
    const meaning = cell(comments.get(`${name}.${field}`) ?? '');
    const row = `| \`${path}\`${mark} | ${type} | ${meaning} |`;
    const step = property['type'] === 'array' ? `${path}[].` : `${path}.`;
    return isWrittenInPlace ? [row, ...rowsOf(name, inner, step, comments)] : [row];
  });
}

function wordFor(schema: JsonSchema): string {
  if (schema['type'] !== 'array') return 'object';
  const most = schema['maxItems'];
  return typeof most === 'number' ? `at most ${most} objects` : 'objects';
}

/** A type in the words of the document. */
function typeOf(schema: JsonSchema): string {
  const { $ref, type, anyOf, oneOf } = schema;
  if (typeof $ref === 'string') return referenceTo($ref);
  if ('const' in schema) return `\`${JSON.stringify(schema['const'])}\``;
  const values = arrayOf(schema['enum']);
  if (values.length > 0) return values.map((value) => `\`${value}\``).join(' or ');
  const alternatives = [...arrayOf(anyOf), ...arrayOf(oneOf)];
  if (alternatives.length > 0) return alternatives.map((one) => typeOf(objectOf(one))).join(' or ');
  if (type === 'array') return arrayType(schema);
  if (type === 'object') return objectType(schema);
  return `${arrayOf(type).join(' or ') || String(type)}${boundsOf(schema)}`;
}

/** Objects of their own section are linked; small ones (enumerations, ids) are written out. */
function referenceTo(name: string): string {
  if ((OBJECTS as readonly string[]).includes(name)) return `[${name}](#${name.toLowerCase()})`;
  const schema = jsonSchemasByName()[name];
  return schema === undefined ? name : typeOf(schema);
}

let cached: Readonly<Record<string, JsonSchema>> | null = null;
function jsonSchemasByName(): Readonly<Record<string, JsonSchema>> {
  cached ??= jsonSchemas();
  return cached;
}

function arrayType(schema: JsonSchema): string {
  const most = schema['maxItems'];
  const bound = typeof most === 'number' ? ` (at most ${most})` : '';
  return `array of ${typeOf(objectOf(schema['items']))}${bound}`;
}

function objectType(schema: JsonSchema): string {
  const properties = Object.entries(objectOf(schema['properties']));
  if (properties.length === 0)
    return `record of ${typeOf(objectOf(schema['additionalProperties']))}`;
  const required = new Set(arrayOf(schema['required']));
  const fields = properties.map(([name, value]) => {
    const mark = required.has(name) ? '' : '?';
    return `${name}${mark}: ${typeOf(objectOf(value))}`;
  });
  return `{ ${fields.join(', ')} }`;
}

function boundsOf(schema: JsonSchema): string {
  const { minLength = 0, maxLength, minimum, maximum } = schema;
  if (typeof maxLength === 'number') return ` of ${minLength} to ${maxLength} characters`;
  const isBounded = (value: unknown): value is number =>
    typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (isBounded(minimum) && isBounded(maximum)) return ` from ${minimum} to ${maximum}`;
  return isBounded(minimum) ? ` from ${minimum}` : '';
}

function describeErrors(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, [message, fix, retryable]]) =>
      `| \`${code}\` | ${cell(message)} | ${cell(fix)} | ${retryable ? 'yes' : 'no'} |`,
  );
  return ['| code | what happened | what to do | try again |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function describeCloseCodes(): string {
  const comments = readComments(SOURCES);
  const rows = Object.entries(signal.CloseCode).map(
    ([name, code]) => `| ${code} | ${cell(comments.get(`CloseCode.${name}`) ?? name)} |`,
  );
  return ['| code | meaning |', '|---|---|', ...rows].join('\n');
}

const objectOf = (value: unknown): JsonSchema =>
  typeof value === 'object' && value !== null ? { ...value } : {};
const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
