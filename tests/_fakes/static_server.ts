import { join } from "node:path";

/** Serves a folder's files over HTTP, as any static server does. */
export interface StaticServer extends AsyncDisposable {
  /** Without a slash at its end. */
  readonly url: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** The most requests that were under way at once. */
  readonly mostAtOnce: number;
}

export interface StaticServerOptions {
  /** Answers instead of the folder, where it answers. */
  readonly intercept?: (
    path: string,
    request: Request,
  ) => Response | undefined | Promise<Response | undefined>;
  /** Headers of an answer with a file. @default none, as a server without any configuration */
  readonly headersFor?: (path: string) => Readonly<Record<string, string>>;
  /** Compresses whatever the client says it can take. @default false */
  readonly hasGzip?: boolean;
}

/** What C2SP tlog-tiles asks a server to say. */
export function tlogHeaders(path: string): Readonly<Record<string, string>> {
  return path.endsWith("checkpoint")
    ? { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache" }
    : { "content-type": "application/octet-stream", "cache-control": "public, max-age=31536000, immutable" };
}

/** Listens on a free loopback port. */
export function serveFolder(
  folder: string,
  { intercept = () => undefined, headersFor = () => ({}), hasGzip = false }: StaticServerOptions = {},
): StaticServer {
  const asked: string[] = [];
  let underWay = 0;
  let mostAtOnce = 0;

  async function answer(request: Request): Promise<Response> {
    const path = decodeURIComponent(new URL(request.url).pathname);
    asked.push(path);
    const given = await intercept(path, request);
    if (given !== undefined) return given;
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await Deno.readFile(join(folder, path));
    } catch {
      return new Response("not found", { status: 404 });
    }
    const headers = new Headers({ ...headersFor(path) });
    if (!hasGzip || !(request.headers.get("accept-encoding") ?? "").includes("gzip")) {
      return new Response(bytes, { headers });
    }
    headers.set("content-encoding", "gzip");
    return new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip")), { headers });
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    mostAtOnce = Math.max(mostAtOnce, ++underWay);
    try {
      return await answer(request);
    } finally {
      underWay--;
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    get mostAtOnce() {
      return mostAtOnce;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
