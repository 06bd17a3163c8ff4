import { parseCheckpointNote, verifyCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { fromBase64 } from "../../lib/core/base64.ts";
import { equalBytes } from "../../lib/core/equal_bytes.ts";
import { merkleRoot } from "../../lib/core/merkle/merkle_root.ts";
import { verifyConsistency } from "../../lib/core/merkle/verify_consistency.ts";
import type { LogHead } from "../../lib/core/log_head.ts";
import { type Cosigner, makeCosigner } from "./cosigner.ts";

/** A witness that speaks C2SP tlog-witness and checks all that the specification asks of one. */
export interface WitnessServer extends AsyncDisposable {
  /** Its submission prefix. */
  readonly url: string;
  readonly cosigner: Cosigner;
  /** Statuses it answered with, in order. */
  readonly statuses: readonly number[];
  /** Bodies it was sent, in order. */
  readonly bodies: readonly string[];
  /** Trusts these keys for that log from now on. */
  trust(origin: string, verifierKeys: readonly string[]): void;
  /** What it signed last for that log. */
  latest(origin: string): LogHead | undefined;
}

export interface WitnessServerOptions {
  readonly name?: string;
  /** Unix seconds, for its signatures. @default 1 790 000 000 and one more each time */
  readonly time?: () => bigint;
  /** Answers in place of it, where it answers. */
  readonly intercept?: (request: string) => Response | undefined | Promise<Response | undefined>;
  /** What is sent in place of its cosignature lines. @default the lines */
  readonly distort?: (lines: string, checkpointText: string, cosigner: Cosigner) => string | Promise<string>;
}

interface KnownLog {
  readonly verifierKeys: readonly string[];
  latest: LogHead | undefined;
}

const EMPTY_ROOT = merkleRoot([]);

/** Listens on a free loopback port. */
export async function startWitness(options: WitnessServerOptions = {}): Promise<WitnessServer> {
  const { name = "witness.example/w1", intercept = () => undefined, distort = (lines) => lines } = options;
  let seconds = 1_790_000_000n;
  const time = options.time ?? (() => seconds++);
  const cosigner = await makeCosigner(name);
  const logs = new Map<string, KnownLog>();
  const statuses: number[] = [];
  const bodies: string[] = [];

  async function addCheckpoint(body: string): Promise<Response> {
    const request = parseRequest(body);
    if (request === undefined) return refuse(400, "bad request");
    const { oldSize, path, note } = request;
    const { origin, size, root, text } = parseCheckpointNote(note);
    const log = logs.get(origin);
    if (log === undefined) return refuse(404, "unknown log");
    const isSigned = await Promise.all(log.verifierKeys.map((key) => verifyCheckpointNote(note, key)));
    if (!isSigned.includes(true)) return refuse(403, "no signature of a trusted key");
    if (oldSize > size) return refuse(400, "old size above the checkpoint's");
    const last = log.latest?.size ?? 0n;
    if (oldSize !== last) {
      return new Response(`${last}\n`, { status: 409, headers: { "content-type": "text/x.tlog.size" } });
    }
    if (!isConsistent({ latest: log.latest, path, size, root })) return refuse(422, "bad consistency proof");
    log.latest = { size, root };
    return new Response(await distort(await cosigner.cosign(text, time()), text, cosigner));
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const body = await request.text();
    bodies.push(body);
    const { pathname } = new URL(request.url);
    const given = await intercept(body);
    const response = given ??
      (request.method === "POST" && pathname === "/witness/add-checkpoint"
        ? await addCheckpoint(body)
        : refuse(404, "no such path"));
    statuses.push(response.status);
    return response;
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/witness`,
    cosigner,
    statuses,
    bodies,
    trust: (origin, verifierKeys) =>
      void logs.set(origin, { verifierKeys, latest: logs.get(origin)?.latest }),
    latest: (origin) => logs.get(origin)?.latest,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function refuse(status: number, text: string): Response {
  return new Response(`${text}\n`, { status });
}

/** The body by its grammar; `undefined` where it is not one. */
function parseRequest(body: string) {
  const gap = body.indexOf("\n\n");
  const [first = "", ...lines] = body.slice(0, gap).split("\n");
  const [, digits] = /^old (0|[1-9][0-9]*)$/.exec(first) ?? [];
  const path = lines.map(fromBase64);
  if (gap < 0 || digits === undefined || path.length > 63) return undefined;
  if (!path.every((hash): hash is Uint8Array => hash?.length === 32)) return undefined;
  const note = body.slice(gap + 2);
  try {
    parseCheckpointNote(note);
  } catch {
    return undefined;
  }
  return { oldSize: BigInt(digits), path, note };
}

function isConsistent(
  { latest, path, size, root }: LogHead & {
    readonly latest: LogHead | undefined;
    readonly path: readonly Uint8Array[];
  },
): boolean {
  if (size === 0n && !equalBytes(root, EMPTY_ROOT)) return false;
  // The empty tree is consistent with any, and needs no proof.
  if (latest === undefined || latest.size === 0n) return path.length === 0;
  return verifyConsistency({
    oldSize: latest.size,
    oldRoot: latest.root,
    newSize: size,
    newRoot: root,
    path: [...path],
  });
}
