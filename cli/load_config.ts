import { dirname, resolve } from "node:path";
import type { Config } from "../lib/runtime/config.ts";
import type { ParseConfigOptions } from "../lib/runtime/parse_config.ts";
import type { SettingName } from "../lib/runtime/settings.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";

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
  return {
    ...parsed,
    keys: { ...parsed.keys, readVariable },
    redactor,
    ...(askSecret === undefined ? {} : { askSecret }),
  };
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
