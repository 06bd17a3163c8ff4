import { denoFiles } from "../io/deno_files.ts";
import { parseKeystore } from "../keys/keystore.ts";
import { readKeystoreText } from "../keys/keystore_file.ts";
import type { Config } from "./config.ts";
import { openKeySource } from "./open_key_source.ts";

/** Which account signs, and where its key is. */
export interface ShownKey {
  /** EIP-55; absent where an encrypted file does not name it and was not opened. */
  readonly address?: string;
  /** `env PRIVATE_KEY` or `keystore <file>`. */
  readonly source: string;
}

/**
 * Says which account a configuration signs as, `undefined` for none.
 *
 * @throws {UsageError} when the keystore is none, or does not open with `unlock`.
 */
export async function showKey(
  config: Pick<Config, "signing" | "askSecret">,
  { unlock }: { readonly unlock: boolean },
): Promise<ShownKey | undefined> {
  const { privateKey, keystore } = config.signing ?? {};
  if (privateKey === undefined && keystore === undefined) return undefined;
  const source = openKeySource(config);
  if (keystore === undefined || unlock) {
    return { address: (await source.open()).address, source: source.description };
  }
  const { address } = parseKeystore(await readKeystoreText(keystore.path, denoFiles));
  if (address === undefined) return { source: source.description };
  const { getAddress } = await import("viem/utils");
  return { address: getAddress(`0x${address}`), source: source.description };
}
