import { UsageError } from "../core/errors.ts";
import { denoFiles } from "../io/deno_files.ts";
import { createEnvKeySource } from "../keys/env_key_source.ts";
import type { KeySource } from "../keys/key_source.ts";
import { createKeystoreKeySource } from "../keys/keystore_key_source.ts";
import type { Config, KeystoreConfig } from "./config.ts";

/** The key that a configuration signs with; nothing is read or asked for until it is opened. */
export function openKeySource(
  { signing: { keystore, privateKey } = {}, askSecret }: Pick<Config, "signing" | "askSecret">,
): KeySource {
  if (keystore === undefined) return createEnvKeySource({ privateKey });
  return createKeystoreKeySource({
    path: keystore.path,
    files: denoFiles,
    readPassphrase: () => readPassphrase(keystore, askSecret),
  });
}

async function readPassphrase(
  { passphrase, passphraseFile, path }: KeystoreConfig,
  askSecret: Config["askSecret"],
): Promise<string> {
  if (passphrase !== undefined) return passphrase;
  if (passphraseFile !== undefined) return await readLine(passphraseFile);
  const answer = await askSecret?.(`Passphrase of ${path}`);
  if (answer !== undefined) return answer;
  throw new UsageError("Cannot open the keystore as no passphrase is given", {
    facts: [`file: ${path}`],
    hint:
      "set POT_KEYSTORE_PASSPHRASE or POT_KEYSTORE_PASSPHRASE_FILE (a file that holds it), or type it at a terminal",
  });
}

async function readLine(file: string): Promise<string> {
  const bytes = await denoFiles.read(file).catch(() => undefined);
  if (bytes !== undefined) return new TextDecoder().decode(bytes).replace(/\r?\n$/, "");
  throw new UsageError("Cannot read the passphrase from the file", {
    facts: [`file: ${file}`],
    hint: "check POT_KEYSTORE_PASSPHRASE_FILE and the file's permissions",
  });
}
