import { dirname, join } from "node:path";
import { PotError, UsageError } from "../core/errors.ts";
import { fromHex } from "../core/hex.ts";
import { equalBytes } from "../core/equal_bytes.ts";
import type { FileLayer } from "../io/file_layer.ts";
import { createAccountSigner } from "../keys/account_signer.ts";
import { decryptKeystore, encryptKeystore, parseKeystore } from "../keys/keystore.ts";
import { keystoreExists, readKeystoreText, writeKeystore } from "../keys/keystore_file.ts";

/** What a new keystore file is made of. */
export interface NewKeystoreOptions {
  readonly files: FileLayer;
  readonly passphrase: string;
  /** An account that exists already, 64 hex characters with or without `0x`. @default a new one */
  readonly privateKey?: string;
  /** Where to write it. Absolute. @default `keystore/<address>.json` in the home folder */
  readonly output?: string;
  /** scrypt's cost, a power of 2. @default 262144 */
  readonly scryptN?: number;
}

/** A keystore file that was written. */
export interface NewKeystore {
  /** EIP-55. */
  readonly address: `0x${string}`;
  /** Absolute. */
  readonly file: string;
}

/**
 * Makes an account, or takes the given one, and writes its key encrypted; reads it back before it says so. Nobody sees the key.
 *
 * @throws {UsageError} when the file is there already, or the given key is none of secp256k1.
 * @throws {PotError} when what was written does not open.
 */
export async function newKeystore(
  home: string,
  { files, passphrase, privateKey, output, ...cost }: NewKeystoreOptions,
): Promise<NewKeystore> {
  const { generatePrivateKey } = await import("viem/accounts");
  const hex = (privateKey ?? generatePrivateKey()).replace(/^0x/, "").toLowerCase();
  const address = await accountOf(`0x${hex}`);
  const file = output ?? join(home, "keystore", `${address.toLowerCase()}.json`);
  // Before the second that the encryption takes; writing it makes sure once more.
  if (await files.stat(file) !== undefined) throw keystoreExists(file);
  await files.makeFolder(dirname(file));
  const key = fromHex(hex, 32)!;
  await writeKeystore(file, await encryptKeystore(key, { address, passphrase, ...cost }), files);
  const written = parseKeystore(await readKeystoreText(file, files));
  if (equalBytes(await decryptKeystore(written, passphrase), key)) return { address, file };
  throw new PotError("Cannot trust the keystore as it does not read back as it was written", {
    facts: [`file: ${file}`],
    hint: "check the disk, and make another one",
  });
}

async function accountOf(privateKey: `0x${string}`): Promise<`0x${string}`> {
  try {
    return (await createAccountSigner(privateKey)).address;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError("Cannot encrypt the key as it is no private key of secp256k1", {
      hint: "check where it comes from: nearly all numbers of 64 hex characters are one",
    });
  }
}
