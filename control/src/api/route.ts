import { err, ok, type Result } from '@switchyard/core/base';
import type * as z from 'zod';
import type { Claims } from '../auth/index.ts';
import type { ApiOptions } from './options.ts';
import { type Problem, problem } from './problem.ts';

/** Who may use a route. */
export type Access =
  /** Everybody. */
  | 'public'
  /** Development mode only, from this machine or a private network. */
  | 'development'
  /** A token with `roomList`, or `roomAdmin` for all rooms. */
  | 'list'
  /** A token with `roomCreate`. */
  | 'create'
  /** A token with `roomAdmin` for the room in the path (or for all, when it names no room). */
  | 'admin';

/** One request to a route, decoded and admitted. */
export interface Call<Body> {
  readonly options: ApiOptions;
  /** Parts of the path in braces. */
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  /** null for routes that need no token. */
  readonly claims: Claims | null;
  readonly url: URL;
}

export interface Success {
  readonly status: 200 | 201 | 204;
  /** Absent with 204. */
  readonly body?: unknown;
}

export type Outcome = Result<Success, Problem>;

/** What a route is: enough to serve it and to describe it. */
export interface RouteSpec<Schema extends z.ZodType> {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** With parameters in braces, as in OpenAPI. */
  readonly path: string;
  readonly tag: 'Server' | 'Tokens' | 'Rooms' | 'Participants' | 'Tracks' | 'Messages';
  readonly summary: string;
  readonly access: Access;
  /** null: the request has no body. */
  readonly body: Schema | null;
  readonly success: { readonly status: Success['status']; readonly schema: z.ZodType | null };
  /** Codes of its own refusals, besides those of tokens and bodies. */
  readonly errors: readonly string[];
  readonly handle: (call: Call<z.output<Schema>>) => Outcome;
}

/** A route whose body is decoded where it is served. */
export interface Route extends Omit<RouteSpec<z.ZodType>, 'handle'> {
  readonly run: (call: Omit<Call<unknown>, 'body'>, json: unknown) => Outcome;
}

export function route<Schema extends z.ZodType>(spec: RouteSpec<Schema>): Route {
  const { handle, ...rest } = spec;
  return {
    ...rest,
    run: (call, json) => {
      const body = decodeBody(spec.body, json);
      return body.ok ? handle({ ...call, body: body.value }) : body;
    },
  };
}

function decodeBody<Schema extends z.ZodType>(
  schema: Schema | null,
  json: unknown,
): Result<z.output<Schema>, Problem> {
  // Routes without a schema are typed with `never` as their body and do not look at it.
  if (schema === null) return ok(undefined as z.output<Schema>);
  const parsed = schema.safeParse(json);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0]!;
  const field = issue.path.length === 0 ? 'body' : issue.path.join('.');
  return err(
    problem(422, 'badBody', `Field "${field}": ${issue.message}.`, 'Correct the field; see /docs.'),
  );
}

export const done = (): Outcome => ok({ status: 204 });
export const found = (body: unknown): Outcome => ok({ status: 200, body });
export const created = (body: unknown): Outcome => ok({ status: 201, body });
