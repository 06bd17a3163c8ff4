import { UsageError } from "../core/errors.ts";
import { denoFiles } from "../io/deno_files.ts";
import { createAwsKmsKeySource } from "../keys/aws_kms_key_source.ts";
import { createAwsSsmKeySource } from "../keys/aws_ssm_key_source.ts";
import { createAzureKeyKeySource } from "../keys/azure_key_source.ts";
import { createAzureSecretKeySource } from "../keys/azure_secret_key_source.ts";
import { createCheckedKeySource } from "../keys/checked_key_source.ts";
import { createEnvKeySource } from "../keys/env_key_source.ts";
import { createExternalSignerKeySource } from "../keys/external_signer_key_source.ts";
import type { KeySource } from "../keys/key_source.ts";
import { createKeystoreKeySource } from "../keys/keystore_key_source.ts";
import type { KeyUri } from "../keys/parse_key_uri.ts";
import { createVaultKeySource } from "../keys/vault_key_source.ts";
import type { Config, KeyAccessConfig, SigningConfig } from "./config.ts";

/** What of a configuration opens a key. */
export type KeyConfig = Pick<Config, "keys" | "askSecret" | "redactor">;

const opened = new WeakMap<SigningConfig, KeySource>();

/**
 * The key that a configuration signs with: the same one, read once, however often it is asked for. Nothing is read, loaded or asked
 * for until it is opened.
 *
 * Its `open` throws a UsageError where no key is configured, and where the key is another account's than the configured one.
 */
export function openKeySource({ signing, ...config }: KeyConfig & Pick<Config, "signing">): KeySource {
  if (signing === undefined) return createEnvKeySource({ privateKey: undefined });
  const known = opened.get(signing);
  if (known !== undefined) return known;
  const { source, address } = signing;
  const checked = openKeyUri(source, config, address === undefined ? {} : { address });
  opened.set(signing, checked);
  return checked;
}

/**
 * The key at any place, opened with a configuration's passphrases, tokens and time limits.
 *
 * @param uri with an absolute path where it names a keystore
 */
export function openKeyUri(
  uri: KeyUri,
  config: KeyConfig,
  { address }: { readonly address?: `0x${string}` } = {},
): KeySource {
  const source = createSource(uri, config, address);
  const timeoutMs = timeoutOf(uri, config.keys);
  return createCheckedKeySource(source, {
    ...(address === undefined ? {} : { address }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

function createSource(uri: KeyUri, config: KeyConfig, address: `0x${string}` | undefined): KeySource {
  const { timeoutMs, signerTimeoutMs, vault, readVariable } = config.keys;
  switch (uri.kind) {
    case "env": {
      const { variable } = uri;
      const privateKey = readVariable(variable);
      if (privateKey !== undefined) config.redactor?.learn([privateKey]);
      return createEnvKeySource({ variable, privateKey });
    }
    case "keystore":
      return createKeystoreKeySource({
        path: uri.path,
        files: denoFiles,
        readPassphrase: () => readPassphrase(uri.path, config),
      });
    case "aws-ssm":
      return createAwsSsmKeySource(uri);
    case "aws-kms":
      return createAwsKmsKeySource({ ...uri, timeoutMs });
    case "azure-secret":
      return createAzureSecretKeySource({ ...uri, timeoutMs });
    case "azure-key":
      return createAzureKeyKeySource({ ...uri, timeoutMs });
    case "vault":
      return createVaultKeySource({ ...uri, ...vaultLogin(vault), timeoutMs });
    case "signer":
      return createExternalSignerKeySource({
        ...(address === undefined ? {} : { address }),
        ...uri,
        timeoutMs: signerTimeoutMs,
      });
  }
}

/** What is on this machine is not waited for: a person may be typing its passphrase. */
function timeoutOf({ kind }: KeyUri, { timeoutMs, signerTimeoutMs }: KeyAccessConfig): number | undefined {
  if (kind === "env" || kind === "keystore") return undefined;
  return kind === "signer" ? Math.max(timeoutMs, signerTimeoutMs) : timeoutMs;
}

function vaultLogin({ tokenFile, secretIdFile, ...login }: KeyAccessConfig["vault"]) {
  return {
    ...login,
    ...(tokenFile === undefined ? {} : { token: () => readLine(tokenFile, "token", "VAULT_TOKEN_FILE") }),
    ...(secretIdFile === undefined
      ? {}
      : { secretId: () => readLine(secretIdFile, "secret id", "VAULT_SECRET_ID_FILE") }),
  };
}

/** What opens the keystore at `path`: as configured, else asked for. */
export async function readPassphrase(
  path: string,
  { keys: { passphrase, passphraseFile }, askSecret }: KeyConfig,
): Promise<string> {
  if (passphrase !== undefined) return passphrase;
  if (passphraseFile !== undefined) {
    return await readLine(passphraseFile, "passphrase", "POT_KEYSTORE_PASSPHRASE_FILE");
  }
  const answer = await askSecret?.(`Passphrase of ${path}`);
  if (answer !== undefined) return answer;
  throw new UsageError("Cannot open the keystore as no passphrase is given", {
    facts: [`file: ${path}`],
    hint:
      "set POT_KEYSTORE_PASSPHRASE or POT_KEYSTORE_PASSPHRASE_FILE (a file that holds it), or type it at a terminal",
  });
}

async function readLine(file: string, noun: string, variable: string): Promise<string> {
  const bytes = await denoFiles.read(file).catch(() => undefined);
  if (bytes !== undefined) return new TextDecoder().decode(bytes).replace(/\r?\n$/, "");
  throw new UsageError(`Cannot read the ${noun} from the file`, {
    facts: [`file: ${file}`],
    hint: `check ${variable} and the file's permissions`,
  });
}
