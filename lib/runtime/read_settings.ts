import { type SettingName, SETTINGS, type SettingValues } from "./settings.ts";

/** Where settings come from, the strongest first. */
export interface SettingSources {
  /** Given on the command line, by setting name. */
  readonly flags?: Partial<Record<SettingName, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The content of pot.jsonc, parsed. */
  readonly file?: Readonly<Record<string, unknown>>;
}

/** Collects every setting from flags, environment and file, and every mistake as one line that names the setting. */
export function readSettings({ flags = {}, env, file = {} }: SettingSources): {
  readonly values: SettingValues;
  readonly mistakes: readonly string[];
} {
  const values: Record<string, unknown> = {};
  const mistakes: string[] = unknownKeys(file);
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const setting = SETTINGS[name];
    const given = find(name, { flags, env, file });
    if (given === undefined) continue;
    const value = given.text === undefined ? undefined : setting.parse(given.text);
    if (value !== undefined) {
      values[name] = value;
      continue;
    }
    const shown = setting.isSecret ? "" : ` (is ${JSON.stringify(given.text ?? null)})`;
    mistakes.push(`${given.from} must be ${setting.expected}${shown}`);
  }
  return { values: values as SettingValues, mistakes };
}

interface Given {
  readonly from: string;
  /** `undefined`: a file value of a kind that no setting has. */
  readonly text: string | undefined;
}

function find(name: SettingName, { flags, env, file }: Required<SettingSources>): Given | undefined {
  const setting = SETTINGS[name];
  const flag = flags[name];
  if (flag !== undefined) {
    return { from: `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, text: flag };
  }
  for (const variable of setting.env) {
    const text = env[variable];
    if (text !== undefined && text !== "") return { from: variable, text };
  }
  const { key } = setting;
  if (key === undefined || file[key] === undefined) return undefined;
  return { from: `${key} in pot.jsonc`, text: fileText(file[key]) };
}

function fileText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  const isList = Array.isArray(value) &&
    value.every((item) => typeof item === "string" && !item.includes(","));
  return isList ? value.join(",") : undefined;
}

function unknownKeys(file: Readonly<Record<string, unknown>>): string[] {
  const known = Object.values(SETTINGS).flatMap(({ key }) => (key === undefined ? [] : [key]));
  return Object.keys(file).filter((key) => !known.includes(key)).map((key) => {
    const secret = /private|secret|passphrase|mnemonic/i.test(key);
    return secret
      ? `${key} must not stand in pot.jsonc: give secrets in the environment (PRIVATE_KEY)`
      : `${key} in pot.jsonc is no setting (known: ${known.join(", ")})`;
  });
}
