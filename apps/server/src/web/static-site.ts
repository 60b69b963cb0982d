import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { RoomName } from '@switchyard/core/signal';
import { PAGE_HEADERS } from './security-headers.ts';

const compress = promisify(brotliCompress);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
};

const COMPRESSIBLE = /^text\/|json|svg|wasm/;
/** Below that a compressed body saves nothing. Bytes. */
const MIN_COMPRESSED = 1024;

interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Brotli; null when it would not be smaller. */
  readonly brotli: Uint8Array<ArrayBuffer> | null;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A built single-page application, held in memory: what is not one of its files cannot be reached,
 * whatever a path says. `/` and `/{room}` are its page.
 */
export class StaticSite {
  readonly #files: ReadonlyMap<string, StaticFile>;

  private constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  /** Reads a folder as the bundler left it; null when there is no `index.html`. */
  static async load(folder: string): Promise<StaticSite | null> {
    const paths = await filesIn(folder);
    const files = await Promise.all(
      paths.map(async (path): Promise<[string, StaticFile]> => {
        const url = `/${relative(folder, path).split(sep).join('/')}`;
        return [url, await readStatic(path, url)];
      }),
    );
    const site = new StaticSite(new Map(files));
    return site.#files.has('/index.html') ? site : null;
  }

  /** The answer to a request; null when this is nothing of ours. */
  answer(request: Request): Response | null {
    if (request.method !== 'GET' && request.method !== 'HEAD') return null;
    const file = this.#find(new URL(request.url).pathname);
    if (file === undefined) return null;
    const { etag } = file.headers;
    if (etag !== undefined && request.headers.get('if-none-match') === etag)
      return new Response(null, { status: 304, headers: { etag } });
    const acceptsBrotli = /\bbr\b/.test(request.headers.get('accept-encoding') ?? '');
    const brotli = acceptsBrotli ? file.brotli : null;
    const body = brotli ?? file.body;
    return new Response(request.method === 'HEAD' ? null : body, {
      headers: {
        ...file.headers,
        'content-length': String(body.length),
        ...(brotli === null ? {} : { 'content-encoding': 'br' }),
      },
    });
  }

  #find(path: string): StaticFile | undefined {
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    return path === '/' || isRoomPath(path) ? this.#files.get('/index.html') : undefined;
  }
}

/** `/{room}`; what looks like a missing file is not taken for a room. */
function isRoomPath(path: string): boolean {
  if (extname(path) in TYPES) return false;
  try {
    return RoomName.safeParse(decodeURIComponent(path.slice(1))).success;
  } catch {
    return false;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

async function readStatic(path: string, url: string): Promise<StaticFile> {
  const body = new Uint8Array(await readFile(path));
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  return {
    body,
    brotli: COMPRESSIBLE.test(type) ? await compressed(body) : null,
    headers: {
      'content-type': type,
      'cache-control': url.startsWith('/assets/')
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
      etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
      vary: 'accept-encoding',
      ...PAGE_HEADERS,
    },
  };
}

async function compressed(body: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null> {
  if (body.length < MIN_COMPRESSED) return null;
  const small = await compress(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  return small.length < body.length ? new Uint8Array(small) : null;
}
