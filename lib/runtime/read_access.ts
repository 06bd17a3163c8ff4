import { isAbsolute, join } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { Config } from "./config.ts";
import { readSettings, type SettingSources } from "./read_settings.ts";

const OWN = ["home", "access", "token", "tokenFile"] as const;

/**
 * The part of a configuration that says where the home folder is and who acts. It asks for no more than that to be right: what
 * else is wrong is told by the command that needs it.
 *
 * @throws {UsageError} when one of these settings is wrong: then nobody can be let through
 */
export function readAccess(
  { folder, ...sources }: SettingSources & {
    /** Where relative paths start. Absolute. */ readonly folder: string;
  },
): Pick<Config, "home" | "access"> {
  const { values, mistakes, names } = readSettings(sources);
  const wrong = OWN.filter((name) => names[name] !== undefined && values[name] === undefined);
  if (wrong.length > 0 || (names.token !== undefined && names.tokenFile !== undefined)) {
    const facts = mistakes.filter((mistake) => wrong.some((name) => mistake.startsWith(`${names[name]} `)));
    throw new UsageError("Cannot tell who acts as a setting is wrong", {
      facts: facts.length > 0 ? facts : [`${names.token} and ${names.tokenFile} must not be given together`],
      hint: "correct it where it stands: on the command line, in the environment or in pot.jsonc",
    });
  }
  const { home = ".pot", access = "open", token, tokenFile } = values;
  const absolute = (path: string) => isAbsolute(path) ? path : join(folder, path);
  return {
    home: absolute(home),
    access: {
      mode: access,
      ...(token === undefined ? {} : { token }),
      ...(tokenFile === undefined ? {} : { tokenFile: absolute(tokenFile) }),
    },
  };
}
