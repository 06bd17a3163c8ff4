/**
 * The local ledger: opening it and verifying one random id, in a ledger of 100 000 lines and in one of 1 000.
 *
 *     deno run -A bench/ledger_bench.ts
 */
import { join } from "node:path";
import { openLedger } from "../lib/chain/ledger.ts";
import { createLocalClient } from "../lib/chain/local_client.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import { systemClock } from "../lib/runtime/system_clock.ts";
import { median } from "./measure.ts";

const SIZES = [1_000, 100_000];
const ROUNDS = 101;
const BAR = 3;
const HASH = "ab".repeat(32);
const origin = "pot/bench";
const randomUuid = () => crypto.randomUUID();

const folder = await Deno.makeTempDir();
try {
  const ledgers = [];
  for (const size of SIZES) ledgers.push({ times: [] as number[], ...await filledLedger(size) });
  for (let round = 0; round < ROUNDS; round++) {
    for (const { times, ids, ...options } of ledgers) {
      const startMs = performance.now();
      await using client = createLocalClient({
        ...options,
        origin,
        files: denoFiles,
        clock: systemClock,
        randomUuid,
      });
      if (!await client.verifyHash(HASH, ids[Math.floor(Math.random() * ids.length)]!)) {
        throw new Error("not found");
      }
      times.push(performance.now() - startMs);
    }
  }
  console.log(`open and verify one id, median of ${ROUNDS} (load average ${Deno.loadavg()[0]!.toFixed(1)})`);
  for (const { ids, times } of ledgers) console.log(`  ${ids.length} lines: ${median(times).toFixed(2)} ms`);
  const ratio = median(ledgers[1]!.times) / median(ledgers[0]!.times);
  console.log(`large to small: ${ratio.toFixed(2)} (bar: at most ${BAR}) ${ratio <= BAR ? "met" : "MISSED"}`);
  if (ratio > BAR) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function filledLedger(size: number) {
  const path = join(folder, `${size}.jsonl`);
  const indexPath = join(folder, `${size}.sqlite`);
  const ids = Array.from({ length: size }, randomUuid);
  const lines = ids.map((transactionId) => ({
    transactionId,
    hash: HASH,
    metadata: '{"kind":"checkpoint","runId":"run-1","schema":"pot-record/1","step":500}',
    timestamp: 1_800_000_000,
    submitter: `local:${origin}`,
    key: `store:${transactionId}`,
  }));
  await using writer = openLedger(path, { files: denoFiles });
  await writer.append(() => Promise.resolve(lines));
  // The index is made by the first who opens the ledger.
  const startMs = performance.now();
  await using ledger = openLedger(path, { files: denoFiles, indexPath });
  await ledger.read((reads) => reads.lineCount());
  console.log(`indexed ${size} lines in ${(performance.now() - startMs).toFixed(0)} ms`);
  return { path, indexPath, ids };
}
