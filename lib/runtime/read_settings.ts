import { redactText } from "../core/redact.ts";
import { SECTIONS } from "./sections.ts";
import { type SettingName, SETTINGS, type SettingValues } from "./settings.ts";

/** Where settings come from, the strongest first. */
export interface SettingSources {
  /** Given on the command line, by setting name. */
  readonly flags?: Partial<Record<SettingName, string>>;
  /** Environment variables; only those of settings are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The content of pot.jsonc, parsed. */
  readonly file?: Readonly<Record<string, unknown>>;
}

/** What was given, and what is wrong with it. */
export interface ReadSettings {
  readonly values: SettingValues;
  /** One line each, naming the setting; no secrets. */
  readonly mistakes: readonly string[];
  /** How each setting that was given is called where it stands, such as `CHAIN_ID` or `chainId in pot.jsonc`; the wrong ones too. */
  readonly names: Readonly<Partial<Record<SettingName, string>>>;
}

/** Collects every setting from flags, environment and file, and every mistake as one line that names the setting. */
export function readSettings({ flags = {}, env, file = {} }: SettingSources): ReadSettings {
  const values: Record<string, unknown> = {};
  const names: Partial<Record<SettingName, string>> = {};
  const mistakes: string[] = unknownKeys(file);
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const setting = SETTINGS[name];
    const given = find(name, { flags, env, file });
    if (given === undefined) continue;
    names[name] = given.from;
    const value = given.text === undefined ? undefined : setting.parse(given.text);
    if (value !== undefined) {
      values[name] = value;
      continue;
    }
    const shown = setting.isSecret || setting.isHidden ? "" : ` (is ${describe(given.text)})`;
    mistakes.push(`${given.from} must be ${setting.expected}${shown}`);
  }
  return { values: values as SettingValues, mistakes, names };
}

/** A wrong value, cut short; a key or URL that landed in the wrong setting is not shown. */
function describe(text: string | undefined): string {
  if (text === undefined) return "neither text nor number";
  const shown = redactText(text).replace(/[0-9a-f]{64,}/gi, "[secret]");
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
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
  const known = [
    ...Object.values(SETTINGS).flatMap(({ key }) => (key === undefined ? [] : [key])),
    ...Object.keys(SECTIONS),
  ];
  return Object.keys(file).filter((key) => !known.includes(key)).map((key) => {
    const secret = /private|secret|passphrase|mnemonic|token/i.test(key);
    return secret
      ? `${key} must not stand in pot.jsonc: give secrets in the environment (PRIVATE_KEY)`
      : `${key} in pot.jsonc is no setting: docs/operations.md lists them`;
  });
}
