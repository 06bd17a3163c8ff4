import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { toFunctionSelector } from "viem/utils";
import { startChainFixture } from "../_fakes/chain_fixture.ts";
import { startFaultProxy } from "../_fakes/fault_proxy.ts";
import { fillContract, type Filled, type FillOptions } from "./fill_contract.ts";

export interface RebuildRoundsOptions extends FillOptions {
  /** The widest range of blocks that the endpoint gives logs of. */
  readonly rangeLimit: number;
  /** One request in so many dies. */
  readonly killOneIn: number;
  /** For which request dies. */
  readonly seed: number;
  /** When the client is killed: as soon as so much was asked for. */
  readonly interruptions: readonly {
    readonly what: "blocks" | "hashes" | "anchors";
    /** Blocks whose events, or hashes, or anchors. */
    readonly count: number;
  }[];
}

/** How often things were asked for, over all interruptions. */
export interface FetchCounts {
  /** Of each item that was, how often. */
  readonly mean: number;
  readonly most: number;
}

export interface RebuildFigures {
  readonly requests: number;
  readonly killedRequests: number;
  readonly refusedRanges: number;
  readonly blocks: number;
  readonly perHash: FetchCounts;
  readonly perAnchor: FetchCounts;
  readonly perBlockOfLogs: FetchCounts;
  readonly interruptions: number;
  readonly fillSeconds: number;
  readonly rebuildSeconds: number;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const GET_HASH = toFunctionSelector("getHash(uint256)");

/**
 * Fills a contract, reads it back with the real command through an endpoint that refuses and fails, kills the command with SIGKILL now and
 * then, and checks that everything came back.
 */
export async function rebuildRounds(options: RebuildRoundsOptions): Promise<RebuildFigures> {
  const { rangeLimit, killOneIn, interruptions } = options;
  await using chain = await startChainFixture([
    ...["--slots-in-an-epoch", "1"],
    ...["--gas-limit", "1000000000"],
    "--no-mining",
  ]);
  const folder = await Deno.makeTempDir({ prefix: "pot-rebuild-" });
  const fillStart = performance.now();
  const filled = await fillContract(chain.devnet, chain.contract, options);
  const fillSeconds = (performance.now() - fillStart) / 1_000;

  const random = seeded(options.seed);
  const hashes = new Map<bigint, number>();
  const anchors = new Map<string, number>();
  const logs = new Map<bigint, number>();
  let requests = 0;
  let killedRequests = 0;
  let refusedRanges = 0;
  await using proxy = startFaultProxy(chain.devnet.rpcUrl, {
    fault({ method, params }) {
      requests++;
      const [first] = params as [Record<string, string> & string];
      if (method === "eth_getLogs") {
        const [from, to] = [BigInt(first["fromBlock"]!), BigInt(first["toBlock"]!)];
        if (to - from >= BigInt(rangeLimit)) {
          refusedRanges++;
          const message = `range ${to - from + 1n} exceeds limit of ${rangeLimit}`;
          return { kind: "rpc-error", error: { code: -32602, message } };
        }
        for (let block = from; block <= to; block++) count(logs, block);
      }
      if (method === "eth_call") { for (const id of idsIn(first["data"]!)) count(hashes, id); }
      if (method === "eth_getTransactionReceipt") count(anchors, first);
      if (random() >= 1 / killOneIn) return undefined;
      killedRequests++;
      return { kind: "kill" };
    },
  });

  const start = performance.now();
  try {
    let output: string | undefined;
    const asked = { blocks: logs, hashes, anchors };
    for (const { what, count } of interruptions) {
      const isDue = () => asked[what].size >= count;
      output = await run({ folder, url: proxy.url, contract: chain.contract, isDue });
      assert.equal(output, undefined, `it ended before it could be killed at ${count} ${what}`);
    }
    output = await run({ folder, url: proxy.url, contract: chain.contract, isDue: () => false });
    const rebuildSeconds = (performance.now() - start) / 1_000;
    await checkAll(JSON.parse(output!), filled);
    return {
      requests,
      killedRequests,
      refusedRanges,
      blocks: Number(await chain.devnet.request("eth_blockNumber")),
      perHash: summarize(hashes),
      perAnchor: summarize(anchors),
      perBlockOfLogs: summarize(logs),
      interruptions: interruptions.length,
      fillSeconds,
      rebuildSeconds,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface RunOptions {
  readonly folder: string;
  readonly url: string;
  readonly contract: string;
  /** Whether to kill it now. */
  readonly isDue: () => boolean;
}

/** What the command printed, or `undefined` where it was killed. */
async function run({ folder, url, contract, isDue }: RunOptions): Promise<string | undefined> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-check", "-A", "--config", `${ROOT}deno.json`],
      ...[`${ROOT}cli/main.ts`, "log", "rebuild", "--from-contract", "--json", "--home", folder],
    ],
    cwd: folder,
    env: { NO_COLOR: "1", RPC_URL: url, CHAIN_ID: "31337", CONTRACT_ADDRESS: contract },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setInterval(() => {
    if (!isDue()) return;
    clearInterval(timer);
    child.kill("SIGKILL");
  }, 1);
  const { code, signal, stdout, stderr } = await child.output();
  clearInterval(timer);
  if (signal === "SIGKILL") return undefined;
  assert.equal(code, 0, new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout));
  return new TextDecoder().decode(stdout);
}

/** Everything that was written is there, once, and nothing else. */
async function checkAll(
  report: { readonly isComplete: boolean; readonly files: readonly { readonly path: string }[] },
  filled: Filled,
): Promise<void> {
  assert.equal(report.isComplete, true);
  const text = await Deno.readTextFile(report.files[0]!.path);
  const [, ...lines] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.pop(), { end: true, count: filled.hashes.length + filled.anchors.length });
  const stored = lines.filter((line) => "hash" in line);
  assert.deepEqual(
    stored.map(({ transactionId }) => transactionId),
    filled.hashes.map((_, i) => String(i + 1)),
  );
  assert.deepEqual(
    stored.map(({ hash, metadata, submitter }) => ({ hash, metadata, submitter })).sort(byText),
    [...filled.hashes].sort(byText),
  );
  const anchored = lines.filter((line) => "root" in line);
  assert.deepEqual(
    anchored.map(({ root, size, submitter }) => ({ root, size, submitter })).sort(byText),
    filled.anchors.map(({ root, size, submitter }) => ({ root, size: String(size), submitter })).sort(byText),
  );
  for (const { facts } of anchored) assert.equal(facts.state, "final");
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** The ids that a call asks for: one by one, or by the program of lib/chain/many_records_call.ts. */
function idsIn(data: string): readonly bigint[] {
  if (data.startsWith(GET_HASH)) return [BigInt(`0x${data.slice(10)}`)];
  const found = new RegExp(`^0x63${GET_HASH.slice(2)}60e01b60005267(.{16}).*67(.{16})8210601657`).exec(data);
  if (found === null) return [];
  const [first, end] = [BigInt(`0x${found[1]}`), BigInt(`0x${found[2]}`)];
  return Array.from({ length: Number(end - first) }, (_, i) => first + BigInt(i));
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function summarize(counts: ReadonlyMap<unknown, number>): FetchCounts {
  let [sum, most] = [0, 0];
  for (const times of counts.values()) {
    sum += times;
    most = Math.max(most, times);
  }
  return { mean: sum / counts.size, most };
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
