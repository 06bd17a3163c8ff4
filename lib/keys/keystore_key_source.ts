import { UsageError } from "../core/errors.ts";
import { toHex } from "../core/hex.ts";
import { createAccountSigner } from "./account_signer.ts";
import type { KeySource } from "./key_source.ts";
import { decryptKeystore, parseKeystore } from "./keystore.ts";
import { readKeystoreText } from "./keystore_file.ts";
import type { FileLayer } from "../io/file_layer.ts";

/** Where an encrypted key is, and who knows its passphrase. */
export interface KeystoreKeyOptions {
  /** The keystore file. */
  readonly path: string;
  readonly files: FileLayer;
  /** Called by `open`, once the file has been read. */
  readonly readPassphrase: () => Promise<string>;
}

/**
 * The key in an encrypted keystore file (Web3 Secret Storage, version 3). Opening it takes about a second.
 *
 * `open` throws a UsageError when there is no such file, it is no keystore, the passphrase is wrong, or the key is not that of the
 * address the file names.
 */
export function createKeystoreKeySource({ path, files, readPassphrase }: KeystoreKeyOptions): KeySource {
  return {
    description: `keystore ${path}`,
    async open({ signal } = {}) {
      const keystore = parseKeystore(await readKeystoreText(path, files));
      const passphrase = await readPassphrase();
      signal?.throwIfAborted();
      const key = await decryptKeystore(keystore, passphrase);
      signal?.throwIfAborted();
      const signer = await createAccountSigner(`0x${toHex(key)}`).catch((error) => {
        if (!(error instanceof RangeError)) throw error;
        throw new UsageError("Cannot sign as the keystore holds no private key of secp256k1", {
          facts: [`file: ${path}`],
          hint: "make another with: pot keys new",
        });
      });
      const { address } = keystore;
      if (address === undefined || signer.address.toLowerCase() === `0x${address}`) return signer;
      throw new UsageError("Cannot sign as the keystore holds the key of another account than it names", {
        facts: [`file: ${path}`, `names: 0x${address}`, `holds: ${signer.address}`],
        hint: "restore the file from a backup",
      });
    },
  };
}
