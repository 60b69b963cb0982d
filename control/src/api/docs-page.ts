import { createHash } from 'node:crypto';
import { ERROR_CATALOGUE } from '../rooms/index.ts';
import { DOCS_STYLE } from './docs-style.ts';
import type { ApiDescription, JsonSchema, Operation } from './openapi.ts';

export interface DocsPage {
  readonly html: string;
  /** Content type, and a policy that lets the page load nothing at all. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The reference as one static page made from the interface's own description. */
export function docsPage(description: ApiDescription): DocsPage {
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const schemas = Object.entries(description.components.schemas);
  const body = [
    '<nav aria-label="Contents"><p class="brand">Switchyard</p>',
    '<p class="group"><a href="#tokens">Access</a></p>',
    ...Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? '')
      .entries()
      .map(([tag, of]) => `<p class="group">${text(tag)}</p><ul>${of.map(linkHtml).join('')}</ul>`),
    '<p class="group">Objects</p><ul>',
    ...schemas.map(([name]) => `<li><a href="#${name}">${name}</a></li>`),
    '</ul><p class="group"><a href="#errors">Errors</a></p></nav>',
    `<main><h1>API reference</h1><p>${text(description.info.description)}</p>`,
    `<p>Version ${text(description.info.version)}. Machine-readable: <a href="/openapi.json">openapi.json</a>.</p>`,
    ACCESS_HTML,
    ...operations.map((one) => operationHtml(one, description.components.schemas)),
    '<h2>Objects</h2>',
    ...schemas.map(([name, schema]) => schemaHtml(name, schema)),
    errorsHtml(),
    '</main>',
  ].join('\n');
  return { html: pageHtml(body), headers: HEADERS };
}

const styleHash = createHash('sha256').update(DOCS_STYLE).digest('base64');

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

const pageHtml = (body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Switchyard API reference</title>
<style>${DOCS_STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;

/** An operation with where it is. */
interface Listed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

const linkHtml = ({ method, path, operation }: Listed): string =>
  `<li><a href="#${anchor(method, path)}"><span class="method ${method}">${method}</span>${text(operation.summary)}</a></li>`;

const ACCESS_HTML = `<section id="tokens"><h2>Access</h2>
<p>Requests carry a token: <code>Authorization: Bearer …</code>. It is a JWT whose <code>video</code> claim grants
<code>roomAdmin</code>, <code>roomCreate</code> or <code>roomList</code>. Sign it in your back end with an API key, or here:</p>
<pre><code>TOKEN=$(sy token create --admin)</code></pre>
<p>Failures are problem documents with a stable code; see <a href="#errors">errors</a>.</p></section>`;

function operationHtml(
  { method, path, operation }: Listed,
  schemas: Readonly<Record<string, JsonSchema>>,
): string {
  const { summary, description, requestBody, responses } = operation;
  const body = requestBody?.content['application/json']?.schema;
  const rows = Object.entries(responses).map(([status, { description: what, content }]) => {
    const schema = Object.values(content ?? {})[0]?.schema;
    return `<tr><td><code>${status}</code></td><td>${schema ? typeHtml(schema) : ''}</td><td>${text(what)}</td></tr>`;
  });
  return [
    `<section id="${anchor(method, path)}">`,
    `<h2>${text(summary)}</h2>`,
    `<p class="line"><span class="method ${method}">${method}</span> <code>${pathHtml(path)}</code></p>`,
    `<p>${inlineHtml(description)}</p>`,
    body === undefined ? '' : `<p>Body: ${typeHtml(body)}</p>`,
    `<div class="wide"><table><thead><tr><th>Status</th><th>Body</th><th>Meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
    `<pre><code>${text(curlFor(method, path, operation, schemas))}</code></pre>`,
    '</section>',
  ].join('\n');
}

/** The path with its parameters marked. */
const pathHtml = (path: string): string => text(path).replaceAll(/\{(\w+)\}/g, '<var>{$1}</var>');

function curlFor(
  method: string,
  path: string,
  { security, requestBody }: Operation,
  schemas: Readonly<Record<string, JsonSchema>>,
): string {
  const verb = method === 'get' ? '' : ` -X ${method.toUpperCase()}`;
  const parts = [`curl${verb} 'http://localhost:7880${path}'`];
  if (security.length > 0) parts.push('-H "authorization: Bearer $TOKEN"');
  const schema = requestBody?.content['application/json']?.schema;
  if (schema !== undefined)
    parts.push(
      `-H 'content-type: application/json' -d '${JSON.stringify(exampleOf(schema, schemas))}'`,
    );
  return parts.join(' \\\n  ');
}

/** A value that a schema takes: members that it requires, or else the first one. */
function exampleOf(schema: JsonSchema, schemas: Readonly<Record<string, JsonSchema>>): unknown {
  const { $ref, type, properties, required, anyOf, items } = schema;
  if (typeof $ref === 'string')
    return exampleOf(schemas[$ref.slice($ref.lastIndexOf('/') + 1)] ?? {}, schemas);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  if (Array.isArray(anyOf)) return exampleOf(objectOf(anyOf[0]), schemas);
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return schema['minimum'] ?? 1;
  if (type === 'array') return [exampleOf(objectOf(items), schemas)];
  if (type !== 'object') return '…';
  const all = Object.entries(objectOf(properties));
  const needed = all.filter(([name]) => Array.isArray(required) && required.includes(name));
  const shown = needed.length > 0 ? needed : all.slice(0, 1);
  return Object.fromEntries(
    shown.map(([name, value]) => [name, exampleOf(objectOf(value), schemas)]),
  );
}

function schemaHtml(name: string, schema: JsonSchema): string {
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const rows = Object.entries(objectOf(schema['properties'])).map(([field, value]) => {
    const property = objectOf(value);
    const note = typeof property['description'] === 'string' ? property['description'] : '';
    const optional = required.has(field) ? '' : ' <span class="optional">optional</span>';
    return `<tr><td><code>${text(field)}</code>${optional}</td><td>${typeHtml(property)}</td><td>${text([note, boundsOf(property)].filter(Boolean).join(' '))}</td></tr>`;
  });
  return [
    `<section id="${text(name)}"><h3>${text(name)}</h3>`,
    `<div class="wide"><table><thead><tr><th>Field</th><th>Type</th><th>Notes</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`,
  ].join('\n');
}

function errorsHtml(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, [message, fix, retryable]]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${text(message)}</td><td>${inlineHtml(fix)}</td><td>${retryable ? 'yes' : 'no'}</td></tr>`,
  );
  return [
    '<section id="errors"><h2>Errors</h2>',
    '<p>Failures are problem documents (RFC 9457) with a stable <code>code</code>. The same codes appear in signalling.</p>',
    `<div class="wide"><table><thead><tr><th>Code</th><th>What happened</th><th>What to do</th><th>Try again</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`,
  ].join('\n');
}

/** The type of a schema in a few words, linked where it has a name. */
function typeHtml(schema: JsonSchema): string {
  const { $ref, type, items, anyOf } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.slice($ref.lastIndexOf('/') + 1);
    return `<a href="#${text(name)}">${text(name)}</a>`;
  }
  if (Array.isArray(schema['enum']))
    return schema['enum'].map((value) => `<code>${text(JSON.stringify(value))}</code>`).join(' ');
  if ('const' in schema) return `<code>${text(JSON.stringify(schema['const']))}</code>`;
  if (Array.isArray(anyOf)) return anyOf.map((one) => typeHtml(objectOf(one))).join(' or ');
  if (type === 'array') return `array of ${typeHtml(objectOf(items))}`;
  return text(typeof type === 'string' ? type : 'any');
}

function boundsOf(schema: JsonSchema): string {
  const { maxLength, minimum, maximum, maxItems } = schema;
  if (typeof maxLength === 'number') return `At most ${maxLength} characters.`;
  if (typeof maxItems === 'number') return `At most ${maxItems} entries.`;
  if (typeof minimum !== 'number' || typeof maximum !== 'number') return '';
  return maximum < Number.MAX_SAFE_INTEGER ? `From ${minimum} to ${maximum}.` : '';
}

const objectOf = (value: unknown): JsonSchema =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const anchor = (method: string, path: string): string =>
  `${method}-${path.replaceAll(/[^a-z0-9]+/gi, '-').replaceAll(/^-|-$/g, '')}`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const text = (raw: string): string => raw.replaceAll(/[&<>"]/g, (char) => ENTITIES[char]!);

/** Text in which `…` is code. */
const inlineHtml = (raw: string): string => text(raw).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
