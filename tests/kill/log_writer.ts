/** Appends to a log for ever, eight at once, and checkpoints now and then. Arguments: the log's place, run. Prints each id that resolved. */
import { openTestLog } from "../_fakes/open_test_log.ts";
import { testDraft } from "../_fakes/test_log.ts";
import { printLine } from "./print_line.ts";

const [place = "", run = ""] = Deno.args;
const log = await openTestLog(place);
let n = 0;
await Promise.all(Array.from({ length: 8 }, async () => {
  while (true) {
    const mine = n++;
    printLine((await log.append(testDraft(run, mine))).id);
    // The same event from every writer.
    printLine((await log.append(testDraft("shared", mine))).id);
    if (mine % 50 === 49) await log.checkpoint();
  }
}));
