/**
 * One of many processes that append to the same log: its own records, then ones that all of them submit. Arguments:
 * folder, own run, number of records. Prints one JSON line with the results.
 */
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { openFileLog } from "../../../lib/log/file_log.ts";
import type { AppendResult } from "../../../lib/log/log.ts";
import { testDraft, testLogOptions } from "../../_fakes/test_log.ts";

const [folder = "", run = "", count = "0"] = Deno.args;
const AT_ONCE = 8;

await using log = await openFileLog(folder, testLogOptions(denoFiles, { writeAheadLimitBytes: 20_000 }));
const results: AppendResult[] = [];
for (const runId of [run, "shared"]) {
  for (let n = 0; n < Number(count); n += AT_ONCE) {
    const batch = Array.from(
      { length: Math.min(AT_ONCE, Number(count) - n) },
      (_, i) => testDraft(runId, n + i),
    );
    results.push(...await Promise.all(batch.map((draft) => log.append(draft))));
    if (n % 40 === 0) await log.checkpoint();
  }
}
console.log(JSON.stringify(results, (_key, value) => typeof value === "bigint" ? Number(value) : value));
