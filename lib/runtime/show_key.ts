import { denoFiles } from "../io/deno_files.ts";
import { parseKeystore } from "../keys/keystore.ts";
import { readKeystoreText } from "../keys/keystore_file.ts";
import type { Config } from "./config.ts";
import { openKeySource } from "./open_key_source.ts";

/** Which account signs, and where its key is. */
export interface ShownKey {
  /** EIP-55; absent where an encrypted file does not name it and was not opened. */
  readonly address?: string;
  /** Its source, for people: `env PRIVATE_KEY`, `keystore <file>`, `AWS KMS key <id>`. */
  readonly source: string;
}

/**
 * Says which account a configuration signs as, `undefined` for none. A keystore names its account without being opened; every other
 * source is asked.
 *
 * @throws {UsageError} when the key does not open, or is another account's than the configured one.
 */
export async function showKey(
  config: Pick<Config, "signing" | "keys" | "askSecret">,
  { unlock, signal }: {
    /** Open a keystore too. */
    readonly unlock: boolean;
    readonly signal?: AbortSignal;
  },
): Promise<ShownKey | undefined> {
  if (config.signing === undefined) return undefined;
  const key = openKeySource(config);
  const { source } = config.signing;
  if (source.kind !== "keystore" || unlock) {
    return { address: (await key.open({ ...(signal && { signal }) })).address, source: key.description };
  }
  const { address } = parseKeystore(await readKeystoreText(source.path, denoFiles));
  if (address === undefined) return { source: key.description };
  const { getAddress } = await import("viem/utils");
  return { address: getAddress(`0x${address}`), source: key.description };
}
