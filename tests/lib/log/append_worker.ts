/**
 * One of many processes that append to the same log: its own records, then ones that all of them submit. Arguments:
 * the log's place, own run, number of records. Prints one JSON line with the results.
 */
import type { AppendResult } from "../../../lib/log/log.ts";
import { openTestLog } from "../../_fakes/open_test_log.ts";
import { testDraft } from "../../_fakes/test_log.ts";

const [place = "", run = "", count = "0"] = Deno.args;
const AT_ONCE = 8;

await using log = await openTestLog(place);
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
