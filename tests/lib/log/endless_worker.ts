/**
 * Appends until it is killed. Arguments: the log's place, the first number. Prints each record's number, id and index
 * once its append has resolved, a line each.
 */
import { openTestLog } from "../../_fakes/open_test_log.ts";
import { testDraft } from "../../_fakes/test_log.ts";

const [place = "", first = "0"] = Deno.args;

await using log = await openTestLog(place);
let next = Number(first);
await Promise.all(Array.from({ length: 8 }, async () => {
  while (true) {
    const n = next++;
    const { id, index } = await log.append(testDraft(`run-${n % 3}`, n));
    Deno.stdout.writeSync(new TextEncoder().encode(`${n} ${id} ${index}\n`));
  }
}));
