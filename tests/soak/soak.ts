import assert from "node:assert/strict";
import { initialize } from "../../lib/runtime/initialize.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { startChainFixture } from "../_fakes/chain_fixture.ts";

/** What a soak came to. */
export interface SoakFigures {
  /** Times that jobs were due, all together. */
  readonly scheduled: number;
  readonly jobs: readonly string[];
  /** Medians of resident memory, in bytes: of the first third and of the last. */
  readonly firstRssBytes: number;
  readonly lastRssBytes: number;
  readonly records: Readonly<Record<string, number>>;
  /** The same of each minute. */
  readonly rssByMinute: readonly number[];
  /** What failed, and lines of the daemon's log that tell of trouble with jobs. */
  readonly troubles: readonly string[];
}

export interface SoakOptions {
  readonly seconds: number;
  /** How many times as fast the daemon's clock goes; its jobs run every minute of it. @default 20 */
  readonly factor?: number;
}

interface Line {
  readonly event: string;
  readonly names?: readonly string[];
  readonly job?: string;
  readonly minute?: number;
  readonly bytes?: number;
  readonly line?: string;
  readonly records?: Readonly<Record<string, number>>;
}

/**
 * Lets a real daemon in a process of its own work on a real Anvil, every job every minute of a fast clock.
 *
 * @throws {AssertionError} when a scheduled time went by without its run, or two runs shared one
 */
export async function soak({ seconds, factor = 20 }: SoakOptions): Promise<SoakFigures> {
  await using chain = await startChainFixture(["--block-time", "1", "--slots-in-an-epoch", "1"]);
  const folder = await Deno.makeTempDir({ prefix: "pot-soak-" });
  try {
    await initialize({ folder });
    const lines = await runDaemonFor(seconds, {
      folder,
      args: [String(factor), String(Date.now())],
      env: {
        POT_RPC_URLS: chain.devnet.rpcUrl,
        CHAIN_ID: String(chain.devnet.chainId),
        CONTRACT_ADDRESS: chain.contract,
        PRIVATE_KEY: chain.devnet.accounts[1]!.privateKey,
        POT_CONFIRMATIONS: "1",
      },
    });
    const jobs = lines.find(({ names }) => names !== undefined)?.names ?? [];
    return { jobs, ...weigh(lines), scheduled: countRuns(lines, jobs) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** As docs/operations.md sets them for the daemon. */
const DAEMON_ENV = {
  MALLOC_ARENA_MAX: "2",
  MALLOC_TRIM_THRESHOLD_: "131072",
  MALLOC_MMAP_THRESHOLD_: "131072",
} as const;

async function runDaemonFor(
  seconds: number,
  { folder, args, env }: {
    readonly folder: string;
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  },
): Promise<readonly Line[]> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      // As docs/operations.md runs the daemon: V8 would else let its young generation grow for as long as it likes.
      ...["run", "-A", "--no-lock", "--no-check", "--v8-flags=--max-semi-space-size=4"],
      ...["--config", new URL("../../deno.json", import.meta.url).pathname],
      new URL("./daemon_process.ts", import.meta.url).pathname,
      ...[folder, ...args],
    ],
    // And the C library would keep what was freed in a heap a thread.
    env: { ...env, ...DAEMON_ENV },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: Line[] = [];
  const reading = (async () => {
    let rest = "";
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      for (const part of parts) lines.push(JSON.parse(part));
    }
  })();
  const over = new AbortController();
  await Promise.race([process.status, systemClock.sleep(seconds * 1_000, { signal: over.signal })]);
  over.abort();
  await process.stdin.close().catch(() => {});
  await reading;
  const { code } = await process.status;
  assert.equal(code, 0, "the daemon ended with an error");
  return lines;
}

/** Every minute between a job's first run and its last has one run, and one only. */
function countRuns(lines: readonly Line[], names: readonly string[]): number {
  let scheduled = 0;
  for (const name of names) {
    const minutes = lines.filter(({ job }) => job === name).map(({ minute }) => minute!);
    assert.ok(minutes.length > 1, `${name} hardly ran`);
    const expected = minutes.map((_, i) => minutes[0]! + i);
    assert.deepEqual(minutes, expected, `${name} was missed, or ran twice`);
    scheduled += minutes.length;
  }
  return scheduled;
}

/** What the runner says of a job that did not run as it should. */
const TROUBLE = / missed up to |it still r|crashed: |left behind: |cannot /;

function weigh(lines: readonly Line[]): Omit<SoakFigures, "scheduled" | "jobs"> {
  const rss = lines.flatMap(({ bytes }) => bytes === undefined ? [] : [bytes]);
  const third = Math.floor(rss.length / 3);
  return {
    firstRssBytes: median(rss.slice(0, third)),
    lastRssBytes: median(rss.slice(-third)),
    records: lines.findLast(({ records }) => records !== undefined)?.records ?? {},
    troubles: lines.flatMap(({ event, line = "" }) =>
      event === "failure" || (event === "log" && TROUBLE.test(line)) ? [line] : []
    ),
    rssByMinute: Array.from(
      { length: Math.ceil(rss.length / 60) },
      (_, minute) => median(rss.slice(60 * minute, 60 * minute + 60)),
    ),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
