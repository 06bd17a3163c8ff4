import { join } from "node:path";
import type { FileLayer } from "../io/file_layer.ts";
import { openAnchorStore } from "../recorder/anchor_store.ts";
import type { Config } from "./config.ts";
import { resolveContract } from "./resolve_contract.ts";

/** An account's newest anchor that is not of the log here. */
export interface ForeignAnchor {
  readonly contract: string;
  readonly size: bigint;
}

/**
 * Whether an account has anchored another log in the configured contract, which takes from it only sizes that grow: `undefined` where
 * it has anchored nothing, or this log (when it was in force before).
 */
export async function findForeignAnchor(
  config: Config,
  account: string,
  { files, anchoredSize }: {
    readonly files: FileLayer;
    /** The size that the account anchored last in a contract, 0 for none. */
    readonly anchoredSize: (contract: `0x${string}`) => Promise<bigint>;
  },
): Promise<ForeignAnchor | undefined> {
  const contract = await resolveContract(config);
  if (contract === undefined) return undefined;
  const size = await anchoredSize(contract);
  if (size === 0n) return undefined;
  const path = join(config.home, "anchors.jsonl");
  if (await files.stat(path) === undefined) return { contract, size };
  using anchors = await openAnchorStore(path, { files });
  const isOurs = (await anchors.list()).some((anchor) =>
    anchor.size === size && anchor.facts.submitter.toLowerCase() === account.toLowerCase()
  );
  return isOurs ? undefined : { contract, size };
}
