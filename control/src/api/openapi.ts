import * as z from 'zod';
import type { Access, Route } from './route.ts';
import { COMPONENTS } from './schemas.ts';

/** A JSON Schema as it stands in an OpenAPI 3.1 document (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: 'path';
    readonly required: true;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string;
        readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
      }
    >
  >;
}

/** The part of OpenAPI 3.1 that we write. */
export interface ApiDescription {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: JsonSchema;
  };
}

/** In words, who may use a route. */
const ACCESS: Readonly<Record<Access, string>> = {
  public: 'Needs no token.',
  development: 'Only in development mode, from this machine or a private network. Needs no token.',
  list: 'Needs a token with `roomList`.',
  create: 'Needs a token with `roomCreate`.',
  admin: 'Needs a token with `roomAdmin` for the room (or without a room: for all).',
};

/** Describes the routes as an OpenAPI 3.1 document. */
export function describeApi(routes: readonly Route[], version: string): ApiDescription {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    paths[route.path] = path;
    path[route.method] = describeRoute(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Switchyard',
      version,
      description:
        'Rooms, participants, tracks and messages of a Switchyard server, for back ends and scripts.',
    },
    paths,
    components: {
      schemas: describeComponents(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

function describeRoute(route: Route): Operation {
  const needsToken = route.access !== 'public' && route.access !== 'development';
  const { status, schema } = route.success;
  const problems = [
    ...(needsToken ? ['401', '403'] : []),
    ...(route.body === null ? [] : ['400', '415', '422']),
    ...(route.path.includes('{') ? ['404'] : []),
  ];
  const problem = { 'application/problem+json': { schema: reference('Problem') } };
  return {
    tags: [route.tag],
    summary: route.summary,
    description: describeAccess(route),
    security: needsToken ? [{ token: [] }] : [],
    parameters: [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
      name,
      in: 'path',
      required: true,
      schema: { type: 'string' },
    })),
    ...(route.body === null
      ? {}
      : { requestBody: { required: true, content: jsonContent(route.body) } }),
    responses: {
      [status]:
        schema === null
          ? { description: 'Done.' }
          : { description: 'Success.', content: jsonContent(schema) },
      ...Object.fromEntries(
        problems.map((code) => [code, { description: 'Problem.', content: problem }]),
      ),
    },
  };
}

function describeAccess({ access, errors }: Route): string {
  const codes = errors.map((code) => `\`${code}\``).join(', ');
  return codes === '' ? ACCESS[access] : `${ACCESS[access]} Own errors: ${codes}.`;
}

const jsonContent = (schema: z.ZodType) => ({
  'application/json': { schema: referenceTo(schema) },
});

const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

function referenceTo(schema: z.ZodType): JsonSchema {
  const name = Object.keys(COMPONENTS).find((key) => COMPONENTS[key] === schema);
  if (name === undefined) throw new Error('a route uses a schema that is not in COMPONENTS');
  return reference(name);
}

function describeComponents(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'input',
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
  );
}
