import { isAbsolute, join } from "node:path";
import { formatKeyUri } from "../keys/format_key_uri.ts";
import type { KeyUri } from "../keys/parse_key_uri.ts";
import type { KeyAccessConfig, SigningConfig } from "./config.ts";
import type { ReadSettings } from "./read_settings.ts";
import { type SettingName, SETTINGS, type SettingValues } from "./settings.ts";

/** Where the settings of the signing key come from. */
export interface ParseSigningOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths start. Absolute. */
  readonly folder: string;
}

/**
 * Which key signs: at most one source, however it is called. One that is given as a flag counts alone. `undefined` where none is
 * given, and where a mistake was pushed.
 */
export function parseSigning(
  { values, names }: Pick<ReadSettings, "values" | "names">,
  { env, folder }: ParseSigningOptions,
  mistakes: string[],
): SigningConfig | undefined {
  const [name, ...others] = namesOfSources({ values, names });
  if (name === undefined) return undefined;
  if (others.length > 0) {
    const all = [name, ...others].map((each) => names[each]);
    mistakes.push(
      `${all.slice(0, -1).join(", ")} and ${all.at(-1)} must not be given together: which key signs?`,
    );
    return undefined;
  }
  const source = sourceOf(name, values, folder);
  // A wrong one was told already.
  if (source === undefined) return undefined;
  checkVariable(source, env, mistakes);
  const { signerAddress } = values;
  const wanted = source.kind === "signer" ? source.address : undefined;
  if (
    signerAddress !== undefined && wanted !== undefined &&
    wanted.toLowerCase() !== signerAddress.toLowerCase()
  ) {
    mistakes.push(
      `${names.signerAddress} must be the address that ${names[name]} names (is ${signerAddress})`,
    );
  }
  return {
    source,
    uri: formatKeyUri(source),
    ...(signerAddress === undefined ? {} : { address: signerAddress }),
  };
}

/** What opens a key, wherever it is. */
export function parseKeyAccess(
  { values, names }: Pick<ReadSettings, "values" | "names">,
  { env, folder }: ParseSigningOptions,
  mistakes: string[],
): KeyAccessConfig {
  for (
    const [text, file] of [["vaultToken", "vaultTokenFile"], ["vaultSecretId", "vaultSecretIdFile"]] as const
  ) {
    if (names[text] === undefined || names[file] === undefined) continue;
    mistakes.push(`${names[text]} and ${names[file]} must not be given together`);
  }
  const { keystorePassphrase: passphrase, keystorePassphraseFile, keyTimeoutMs, signerTimeoutMs } = values;
  const passphraseFile = absoluteOf(keystorePassphraseFile, folder);
  return {
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(passphraseFile === undefined ? {} : { passphraseFile }),
    vault: vaultOf(values, folder),
    timeoutMs: keyTimeoutMs ?? 30_000,
    signerTimeoutMs: signerTimeoutMs ?? 120_000,
    readVariable: (name) => (name === "PRIVATE_KEY" ? values.privateKey : env[name]) || undefined,
  };
}

function vaultOf(
  { vaultToken, vaultTokenFile, vaultRoleId, vaultSecretId, vaultSecretIdFile, vaultNamespace }:
    SettingValues,
  folder: string,
): KeyAccessConfig["vault"] {
  const fields = {
    token: vaultToken,
    tokenFile: absoluteOf(vaultTokenFile, folder),
    roleId: vaultRoleId,
    secretId: vaultSecretId,
    secretIdFile: absoluteOf(vaultSecretIdFile, folder),
    namespace: vaultNamespace,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** What names a source, the wrong ones too. */
function namesOfSources({ values, names }: Pick<ReadSettings, "values" | "names">): SettingName[] {
  const given = (["privateKey", "keystore", "keySource"] as const).filter((name) =>
    names[name] !== undefined
  );
  const flags = given.filter((name) => names[name]!.startsWith("--"));
  if (flags.length > 0) return flags;
  // The same key, named twice.
  const isSame = values.keySource?.kind === "env" && values.keySource.variable === "PRIVATE_KEY";
  return isSame ? given.filter((name) => name !== "privateKey") : given;
}

function sourceOf(
  name: SettingName,
  { keySource, keystore, privateKey }: SettingValues,
  folder: string,
): KeyUri | undefined {
  if (name === "privateKey") {
    return privateKey === undefined ? undefined : { kind: "env", variable: "PRIVATE_KEY" };
  }
  if (name === "keystore") return keystore === undefined ? undefined : keystoreAt(folder, keystore);
  return keySource?.kind === "keystore" ? keystoreAt(folder, keySource.path) : keySource;
}

function keystoreAt(folder: string, path: string): KeyUri {
  return { kind: "keystore", path: absoluteOf(path, folder) };
}

/** An unset variable is told when something is to be signed: reading needs no key. */
function checkVariable(source: KeyUri, env: ParseSigningOptions["env"], mistakes: string[]): void {
  if (source.kind !== "env" || source.variable === "PRIVATE_KEY") return;
  const text = env[source.variable] ?? "";
  const { parse, expected } = SETTINGS.privateKey;
  if (text !== "" && parse(text) === undefined) mistakes.push(`${source.variable} must be ${expected}`);
}

function absoluteOf(path: string, folder: string): string;
function absoluteOf(path: string | undefined, folder: string): string | undefined;
function absoluteOf(path: string | undefined, folder: string): string | undefined {
  return path === undefined || isAbsolute(path) ? path : join(folder, path);
}
