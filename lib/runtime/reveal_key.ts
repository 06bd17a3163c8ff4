import { UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import { denoFiles } from "../io/deno_files.ts";
import { decryptKeystore, parseKeystore } from "../keys/keystore.ts";
import { readKeystoreText } from "../keys/keystore_file.ts";
import type { Config } from "./config.ts";
import { openKeySource, readPassphrase } from "./open_key_source.ts";

/** A private key that somebody asked to see. */
export interface RevealedKey {
  /** EIP-55. */
  readonly address: `0x${string}`;
  /** Secret: `0x` and 64 lowercase hex characters. */
  readonly privateKey: `0x${string}`;
}

/**
 * The private key itself, where it is on this machine: in the environment or in a keystore. What is kept elsewhere is shown by
 * those who keep it, and a key that only signs by nobody.
 *
 * @throws {UsageError} when there is no key, it does not open, or it is kept elsewhere.
 */
export async function revealKey(
  config: Pick<Config, "signing" | "keys" | "askSecret">,
): Promise<RevealedKey> {
  const source = config.signing?.source;
  if (source?.kind === "keystore") {
    const passphrase = await readPassphrase(source.path, config);
    const keys = { ...config.keys, passphrase };
    const { address } = await openKeySource({ signing: { ...config.signing! }, keys }).open();
    const keystore = parseKeystore(await readKeystoreText(source.path, denoFiles));
    return { address, privateKey: `0x${toHex(await decryptKeystore(keystore, passphrase))}` };
  }
  if (source === undefined || source.kind === "env") {
    const { address } = await openKeySource(config).open();
    const text = config.keys.readVariable(source!.variable)!;
    return { address, privateKey: `0x${text.replace(/^0x/, "").toLowerCase()}` };
  }
  throw new UsageError("Cannot show the private key as it is not on this machine", {
    facts: [`kept by: ${source.kind}`],
    hint: "read it where it is kept; a key that only signs never leaves there",
  });
}
