import { dirname, resolve } from "node:path";
import type { Config } from "../lib/runtime/config.ts";
import type { SettingName } from "../lib/runtime/settings.ts";
import type { CliContext } from "./cli_context.ts";
import type { GlobalOptions } from "./global_options.ts";

/** The configuration a command runs with: flags over environment over pot.jsonc over defaults. */
export async function loadConfig(
  context: CliContext,
  { config, home }: GlobalOptions,
  flags: Partial<Record<SettingName, string>> = {},
): Promise<Config> {
  const [{ findConfigFile, readConfigFile }, { parseConfig }, { learnSecrets }] = await Promise.all([
    import("../lib/runtime/read_config_file.ts"),
    import("../lib/runtime/parse_config.ts"),
    import("../lib/runtime/learn_secrets.ts"),
  ]);
  const path = config === undefined ? await findConfigFile(context.folder) : resolve(context.folder, config);
  const sources = {
    folder: path === undefined ? context.folder : dirname(path),
    flags: { ...flags, ...(home === undefined ? {} : { home: resolve(context.folder, home) }) },
    env: context.env,
    ...(path === undefined ? {} : { file: await readConfigFile(path) }),
  };
  const { askSecret, redactor } = context;
  // Before anything can be found wrong with it.
  await learnSecrets(redactor, sources);
  return { ...parseConfig(sources), redactor, ...(askSecret === undefined ? {} : { askSecret }) };
}
