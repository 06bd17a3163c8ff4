/** Stores hashes in a local ledger for ever, four at once. Arguments: path, name. Prints each id that resolved. */
import { createLocalClient } from "../../lib/chain/local_client.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { printLine } from "./print_line.ts";

const [path = "", name = ""] = Deno.args;
const client = createLocalClient({
  path,
  indexPath: `${path}.sqlite`,
  origin: "pot/test",
  files: denoFiles,
  clock: systemClock,
  randomUuid: () => crypto.randomUUID(),
});
let n = 0;
await Promise.all(Array.from({ length: 4 }, async () => {
  while (true) {
    const mine = n++;
    for (const key of [`${name} ${mine}`, `shared ${mine}`]) {
      printLine((await client.storeHash("ab".repeat(32), key, { key })).transactionId);
    }
  }
}));
