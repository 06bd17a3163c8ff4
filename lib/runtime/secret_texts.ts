import { type SettingName, SETTINGS } from "./settings.ts";
import type { Setting } from "./settings/setting.ts";

/** Secrets of the environment that are no settings: what packages read by themselves, and what commands ask for by name. */
const OTHER_VARIABLES: readonly string[] = [
  "POT_KEY_PASSPHRASE",
  "POT_NEW_KEYSTORE_PASSPHRASE",
  "POT_SOURCE_KEYSTORE_PASSPHRASE",
  "POT_TOKEN",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AZURE_CLIENT_SECRET",
  "AZURE_CLIENT_CERTIFICATE_PASSWORD",
  "AZURE_PASSWORD",
  "VAULT_TOKEN",
  "VAULT_SECRET_ID",
  "PGPASSWORD",
  "DENO_AUTH_TOKENS",
  // Proxies' URLs may hold a password.
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "all_proxy",
];

/** Where settings come from; as of `readSettings`, of which nothing has to be right yet. */
export interface SecretSources {
  readonly flags?: Partial<Record<SettingName, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The content of pot.jsonc, parsed. */
  readonly file?: Readonly<Record<string, unknown>>;
}

/** Every setting that holds a secret, by name. */
export function secretSettings(): readonly (readonly [SettingName, Setting<unknown>])[] {
  return (Object.entries(SETTINGS) as [SettingName, Setting<unknown>][])
    .filter(([, { isSecret }]) => isSecret === true);
}

/** Every environment variable that may hold a secret. */
export function secretVariables(): readonly string[] {
  return [...new Set([...secretSettings().flatMap(([, { env }]) => env), ...OTHER_VARIABLES])];
}

/** All that flags, environment and file give as a secret, whether it is used or not, and whether it is right or not. */
export function secretTexts({ flags = {}, env, file = {} }: SecretSources): string[] {
  const given: unknown[] = secretVariables().map((name) => env[name]);
  for (const [name, { key }] of secretSettings()) {
    given.push(flags[name], key === undefined ? undefined : file[key]);
  }
  // The variable that a key source names, and the URL of a signer.
  for (const source of [flags.keySource, env["POT_KEY_SOURCE"], file["keySource"]]) {
    const [, kind, rest = ""] = /^(env|signer):([^?]*)/.exec(String(source)) ?? [];
    given.push(kind === "env" ? env[rest || "PRIVATE_KEY"] : rest);
  }
  return given.flat().filter((value) => typeof value === "string").filter((value) => value !== "");
}

/**
 * The files that hold a secret in place of its setting, as they are given: of each secret setting `x` that of the setting
 * `xFile`, and of each secret variable that of the same name with `_FILE`.
 */
export function secretFiles({ flags = {}, env, file = {} }: SecretSources): string[] {
  const given: unknown[] = secretVariables().map((name) => env[`${name}_FILE`]);
  for (const [name] of secretSettings()) {
    const twin = `${name}File`;
    if (!Object.hasOwn(SETTINGS, twin)) continue;
    const { env: variables, key } = SETTINGS[twin as SettingName];
    given.push(flags[twin as SettingName], ...variables.map((variable) => env[variable]));
    if (key !== undefined) given.push(file[key]);
  }
  return [...new Set(given.filter((value) => typeof value === "string").filter((value) => value !== ""))];
}
