/**
 * Durable appends on a real disk: what group commit gains, and whether their cost grows with the log. Rounds on a log of
 * 10 000 records and on one of 1 000 000 alternate, so that whatever else the machine does meets both.
 *
 * deno run -A bench/append_bench.ts [folder to measure in] [records of the large log]
 */
import { join } from "node:path";
import { sha256 } from "@noble/hashes/sha2.js";
import { formatCheckpoint } from "../lib/core/checkpoint_note.ts";
import { toBase64 } from "../lib/core/base64.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import { openFileLog } from "../lib/log/file_log.ts";
import type { Log, LogDraft } from "../lib/log/log.ts";
import { median } from "./measure.ts";
import { postgresRates } from "./postgres_rates.ts";

const SMALL = 10_000;
const LARGE = Number(Deno.args[1] ?? 1_000_000);
const ROUNDS = 25;
const ALONE_A_ROUND = 100;
const TOGETHER_A_ROUND = 4_096;
const CALLERS = 64;
const BARS = { gain: 8, rate: 15_000, growth: 0.9 };
const ORIGIN = "pot/bench";

const folder = await Deno.makeTempDir(Deno.args[0] === undefined ? {} : { dir: Deno.args[0] });
try {
  await using small = await filledLog(join(folder, "small"), SMALL);
  await using large = await filledLog(join(folder, "large"), LARGE);
  using floor = await Deno.open(join(folder, "floor"), { write: true, create: true });
  const logs = [["small", small], ["large", large]] as const;
  const alone = { small: [] as number[], large: [] as number[] };
  const together = { small: [] as number[], large: [] as number[] };
  const syncs: number[] = [];

  let n = LARGE;
  const appendTo = (log: Log) => log.append(draft(n++));
  for (let round = 0; round < ROUNDS; round++) {
    syncs.push(await rate(1, ALONE_A_ROUND, () => writeAndSync(floor)));
    for (const [name, log] of round % 2 === 0 ? logs : logs.toReversed()) {
      alone[name].push(await rate(1, ALONE_A_ROUND, () => appendTo(log)));
      together[name].push(await rate(CALLERS, TOGETHER_A_ROUND, () => appendTo(log)));
      // As a daemon does now and then; outside the clock.
      await log.checkpoint();
    }
  }

  console.log(
    `durable appends a second, median of ${ROUNDS} rounds (load average ${Deno.loadavg()[0]!.toFixed(1)})`,
  );
  console.log(`  plain write and fdatasync  ${Math.round(median(syncs))}`);
  for (const [name, count] of [["small", SMALL], ["large", LARGE]] as const) {
    const line = `one caller ${Math.round(median(alone[name]))}, ${CALLERS} callers ${
      Math.round(median(together[name]))
    }`;
    console.log(`  ${name}, ${count} records: ${line}`);
  }
  console.log(`  ${await postgresRates({ callers: CALLERS, nextDraft: () => draft(n++), rate })}`);
  const gain = median(together.small.map((perSecond, round) => perSecond / alone.small[round]!));
  show(`${CALLERS} callers to one`, gain, BARS.gain);
  show("appends a second", Math.round(median(together.small)), BARS.rate);
  const growth = median(together.large.map((perSecond, round) => perSecond / together.small[round]!));
  show("large to small", growth, BARS.growth);
} finally {
  await Deno.remove(folder, { recursive: true });
}

function show(name: string, value: number, bar: number): void {
  const shown = Number.isInteger(value) ? value : value.toFixed(2);
  console.log(`${name}: ${shown} (bar: at least ${bar}) ${value >= bar ? "met" : "MISSED"}`);
  if (value < bar) Deno.exitCode = 1;
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

async function rate(callers: number, total: number, append: () => Promise<unknown>): Promise<number> {
  let left = total;
  const startMs = performance.now();
  await Promise.all(Array.from({ length: callers }, async () => {
    while (left-- > 0) await append();
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
