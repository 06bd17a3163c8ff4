import { dirname, join, resolve } from "node:path";
import type { Config } from "../lib/runtime/config.ts";
import type { ParseConfigOptions } from "../lib/runtime/parse_config.ts";
import type { SettingName } from "../lib/runtime/settings.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";
import { tellIfReadable } from "./tell_if_readable.ts";

/** The configuration a command runs with: flags over environment over pot.jsonc over defaults. */
export async function loadConfig(
  context: CliContext,
  options: GlobalOptions,
  flags: Partial<Record<SettingName, string>> = {},
): Promise<Config> {
  const [sources, { parseConfig }] = await Promise.all([
    readSources(context, options, flags),
    import("../lib/runtime/parse_config.ts"),
  ]);
  const { askSecret, redactor } = context;
  const parsed = parseConfig(sources);
  if (parsed.caFile !== undefined) {
    await (await import("../lib/runtime/pin_certificates.ts")).pinCertificates(parsed.caFile);
  }
  const readVariable = (name: string) => {
    const value = parsed.keys.readVariable(name);
    // Any variable can be the key's, so it is known as one only when it is read.
    if (value !== undefined) redactor.learn([value]);
    return value;
  };
  await tellIfReadable(context, secretFilesOf(parsed));
  return {
    ...parsed,
    keys: { ...parsed.keys, readVariable },
    redactor,
    ...(askSecret === undefined ? {} : { askSecret }),
  };
}

/** Files that nobody else should be able to read. */
function secretFilesOf({ home, signing, keys, access }: Config): readonly string[] {
  const { passphraseFile, vault: { tokenFile, secretIdFile } } = keys;
  const all = [
    join(home, "log.key"),
    join(home, "log.key.next"),
    signing?.source.kind === "keystore" ? signing.source.path : undefined,
    passphraseFile,
    tokenFile,
    secretIdFile,
    access?.tokenFile,
  ];
  return all.filter((path) => path !== undefined);
}

/** What the configuration is made of, before anything is found wrong with it; the redactor has learned its secrets. */
export async function readSources(
  context: CliContext,
  { config, home }: GlobalOptions,
  flags: Partial<Record<SettingName, string>> = {},
): Promise<ParseConfigOptions> {
  const [{ findConfigFile, readConfigFile }, { learnSecrets }] = await Promise.all([
    import("../lib/runtime/read_config_file.ts"),
    import("../lib/runtime/learn_secrets.ts"),
  ]);
  const path = config === undefined ? await findConfigFile(context.folder) : resolve(context.folder, config);
  const sources = {
    folder: path === undefined ? context.folder : dirname(path),
    flags: { ...flags, ...(home === undefined ? {} : { home: resolve(context.folder, home) }) },
    env: context.env,
    ...(path === undefined ? {} : { file: await readConfigFile(path) }),
  };
  await learnSecrets(context.redactor, sources);
  return sources;
}
