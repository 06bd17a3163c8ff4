/**
 * Durable appends on a real disk: does their cost grow with the log? One caller appends in turn to a log of 1 000
 * records and to one of 200 000, so that whatever else the disk does meets both; then 64 callers at once.
 *
 * deno run -A bench/append_bench.ts [folder to measure in]
 */
import { join } from "node:path";
import { sha256 } from "@noble/hashes/sha2.js";
import { formatCheckpoint } from "../lib/core/checkpoint_note.ts";
import { toBase64 } from "../lib/core/base64.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import { openFileLog } from "../lib/log/file_log.ts";
import type { Log, LogDraft } from "../lib/log/log.ts";

const SMALL = 1_000;
const LARGE = 200_000;
const ROUNDS = 60;
const APPENDS_A_ROUND = 20;
const CALLERS = 64;
const BAR = 1.5;
const ORIGIN = "pot/bench";

const folder = await Deno.makeTempDir(Deno.args[0] === undefined ? {} : { dir: Deno.args[0] });
try {
  await using small = await filledLog(join(folder, "small"), SMALL);
  await using large = await filledLog(join(folder, "large"), LARGE);
  const floor = await Deno.open(join(folder, "floor"), { write: true, create: true });
  const times = { floor: [] as number[], small: [] as number[], large: [] as number[] };

  let n = LARGE;
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < APPENDS_A_ROUND; i++) {
      times.floor.push(await timed(() => writeAndSync(floor)));
      times.small.push(await timed(() => small.append(draft(n))));
      times.large.push(await timed(() => large.append(draft(n))));
      n++;
    }
    // As a daemon does now and then; outside the clock.
    await small.checkpoint();
    await large.checkpoint();
  }
  floor.close();

  console.log(`${times.small.length} durable appends each, one caller, median (95th percentile) in ms`);
  for (const [name, list] of Object.entries(times)) {
    console.log(`  ${name.padEnd(6)} ${quantile(list, 0.5).toFixed(3)} (${quantile(list, 0.95).toFixed(3)})`);
  }
  console.log("  floor is a plain write and fdatasync of as many bytes");
  const ratio = quantile(times.large, 0.5) / quantile(times.small, 0.5);
  console.log(
    `${LARGE} to ${SMALL} records: ${ratio.toFixed(2)} (bar: ${BAR}) ${ratio <= BAR ? "met" : "MISSED"}`,
  );

  for (const [name, log] of [["small", small], ["large", large]] as const) {
    console.log(
      `${CALLERS} callers, ${name} log: ${Math.round(await rate(log, n))} durable appends a second`,
    );
  }
  if (ratio > BAR) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function filledLog(path: string, count: number): Promise<Log> {
  const log = await openFileLog(path, {
    files: denoFiles,
    origin: ORIGIN,
    verifierKeys: [],
    sign: (head) =>
      Promise.resolve(
        `${formatCheckpoint({ origin: ORIGIN, ...head })}\n\u2014 ${ORIGIN} ${
          toBase64(new Uint8Array(68))
        }\n`,
      ),
    eventKeyOf: (bytes) => {
      const { runId, n } = JSON.parse(new TextDecoder().decode(bytes));
      return { runId, eventKey: eventKey(n) };
    },
  });
  const startMs = performance.now();
  for (let n = 0; n < count; n += 10_000) {
    const chunk = Array.from({ length: Math.min(10_000, count - n) }, (_, i) => log.append(draft(n + i)));
    await Promise.all(chunk);
    await log.checkpoint();
  }
  console.log(
    `filled ${count} records in ${
      ((performance.now() - startMs) / 1_000).toFixed(1)
    } s, checkpoints included`,
  );
  return log;
}

async function rate(log: Log, from: number): Promise<number> {
  let n = from;
  const total = 20_000;
  const startMs = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, async () => {
    while (n < from + total) await log.append(draft(n++));
  }));
  return total / ((performance.now() - startMs) / 1_000);
}

/** About as long as a real record. */
function draft(n: number): LogDraft {
  const runId = `run-${n % 20}`;
  const digest = eventKey(n).toHex();
  return {
    runId,
    eventKey: eventKey(n),
    build: (previous) => {
      const artifact = { algorithm: "sha256", digest, sizeBytes: 104_857_600, kind: "file", computed: true };
      const record = {
        schema: "bench",
        kind: "checkpoint",
        runId,
        n,
        step: n * 100,
        artifact,
        previous,
        salt: digest,
      };
      return new TextEncoder().encode(JSON.stringify(record));
    },
  };
}

function eventKey(n: number): Uint8Array {
  return sha256(new TextEncoder().encode(String(n)));
}

async function writeAndSync(file: Deno.FsFile): Promise<void> {
  file.writeSync(new Uint8Array(430));
  await file.syncData();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)]!;
}
