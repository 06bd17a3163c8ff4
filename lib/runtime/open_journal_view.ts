import { join } from "node:path";
import { type JournalView, readJournal } from "../chain/read_journal.ts";
import { UsageError } from "../core/errors.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { Config } from "./config.ts";
import { requireEvm } from "./deploy.ts";
import { showKey } from "./show_key.ts";

/**
 * What the journal of the configured key says, without holding it: the daemon may be sending meanwhile.
 *
 * @throws {UsageError} when no chain or no key is configured.
 */
export async function openJournalView(
  config: Config,
): Promise<{ readonly address: string; readonly view: JournalView | undefined }> {
  const { chainId } = requireEvm(config);
  const address = (await showKey(config, { unlock: false }))?.address;
  if (address === undefined) {
    throw new UsageError("Cannot look into the transaction journal as no key names its account", {
      hint: "set POT_KEY_SOURCE, POT_KEYSTORE or PRIVATE_KEY",
    });
  }
  const folder = join(config.home, "journal");
  return { address, view: await readJournal({ folder, address, chainId, files: denoFiles }) };
}
