import { dirname, isAbsolute, relative } from "node:path";
import { PotError } from "../core/errors.ts";
import { writeFileAtomically } from "../io/atomic_write.ts";
import type { FileLayer } from "../io/file_layer.ts";
import type { PublicKeyFacts } from "./key_rotation_file.ts";

/** Where settings stand. */
export interface KeySettingPlaces {
  /** The pot.jsonc in force, absolute; absent where there is none. */
  readonly configFile?: string;
  /** Environment variables: they win over the file. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Holds it. */
  readonly files: FileLayer;
}

/** What became of the setting, and what is left to a person. */
export interface SettingSwitch {
  /** The file that says it now. */
  readonly file?: string;
  /** What to set or unset by hand, in words; empty where the next start uses the key as it is. */
  readonly toSet: readonly string[];
}

/** Environment variables that name a key, and win over pot.jsonc. */
const KEY_VARIABLES = ["POT_KEY_SOURCE", "PRIVATE_KEY", "POT_KEYSTORE"];
/** What the system says of a file that is mounted into a container, or that others own. */
const WRITE_REFUSED: readonly unknown[] = ["EROFS", "EBUSY", "EACCES", "EPERM"];
/** What pot.jsonc calls it. */
const FILE_KEYS = ["keySource", "keystore"];

/**
 * Puts a key source where the one that it replaces stands: in pot.jsonc, whose comments and layout stay, or else into words for
 * whoever keeps the environment, or a pot.jsonc that cannot be written. Doing it twice changes nothing.
 *
 * @throws {PotError} when pot.jsonc does not read back as it should
 */
export async function switchKeySetting(
  { source, address }: PublicKeyFacts,
  { configFile, env, files }: KeySettingPlaces,
): Promise<SettingSwitch> {
  const given = (name: string) => (env[name] ?? "") !== "";
  const isKeystore = source.startsWith("keystore:");
  const passphrase = isKeystore
    ? ["POT_KEYSTORE_PASSPHRASE or POT_KEYSTORE_PASSPHRASE_FILE is to open the new file"]
    : [];
  const signer = given("POT_SIGNER_ADDRESS") ? [`set POT_SIGNER_ADDRESS=${address}`] : [];
  const winning = KEY_VARIABLES.filter((name) => given(name) && !isOwnVariable(name, source));
  const document = configFile === undefined ? undefined : await readDocument(configFile, files);
  const stands = FILE_KEYS.some((key) => document?.value[key] !== undefined);
  if (winning.length > 0 || document === undefined || !stands) {
    const others = winning.filter((name) => name !== "POT_KEY_SOURCE");
    return {
      toSet: [
        `set POT_KEY_SOURCE=${source}`,
        ...others.map((name) => `unset ${name}`),
        ...signer,
        ...passphrase,
      ],
    };
  }
  const { path, mark, text, mode } = document;
  const value = settingOf(source, dirname(configFile!));
  const { applyEdits, modify, parse } = await import("jsonc-parser");
  const options = {
    formattingOptions: { insertSpaces: true, tabSize: 2, eol: text.includes("\r\n") ? "\r\n" : "\n" },
  };
  const set = (before: string, key: string, value: string | undefined) =>
    applyEdits(before, modify(before, [key], value, options));
  const changes: [key: string, value: string | undefined][] = [["keySource", value]];
  if (document.value["keystore"] !== undefined) changes.push(["keystore", undefined]);
  if (document.value["signerAddress"] !== undefined) changes.push(["signerAddress", address]);
  const next = changes.reduce((before, [key, value]) => set(before, key, value), text);
  const expected: Record<string, unknown> = { ...document.value, keySource: value };
  delete expected["keystore"];
  if (expected["signerAddress"] !== undefined) expected["signerAddress"] = address;
  if (!isSameObject(parse(next, [], { allowTrailingComma: true }), expected)) {
    throw new PotError("Cannot put the new key into pot.jsonc as it would not read back as it should", {
      facts: [`file: ${path}`],
      hint: `set keySource to "${value}" by hand, then run the same command again`,
    });
  }
  try {
    if (next !== text) {
      await writeFileAtomically(files, path, new TextEncoder().encode(mark + next), { mode });
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && WRITE_REFUSED.includes(error.code))) throw error;
    const where = `in ${path}, which cannot be written from here`;
    const byHand = changes.map(([key, value]) =>
      value === undefined ? `take ${key} out ${where}` : `set ${key} to "${value}" ${where}`
    );
    return { toSet: [...byHand, ...signer, ...passphrase] };
  }
  return { file: path, toSet: [...signer, ...passphrase] };
}

/** A key in a variable is named by that variable, and does not contradict itself. */
function isOwnVariable(name: string, source: string): boolean {
  return name !== "POT_KEY_SOURCE" &&
    (source === `env:${name}` || (name === "PRIVATE_KEY" && source === "env:"));
}

/** A keystore below the folder of pot.jsonc moves with it. */
function settingOf(source: string, folder: string): string {
  if (!source.startsWith("keystore:")) return source;
  const path = source.slice("keystore:".length);
  const inside = relative(folder, path);
  return inside.startsWith("..") || isAbsolute(inside) ? source : `keystore:${inside}`;
}

interface Document {
  readonly path: string;
  /** A byte order mark, as some editors write one. */
  readonly mark: string;
  readonly text: string;
  readonly value: Readonly<Record<string, unknown>>;
  readonly mode: number;
}

async function readDocument(file: string, files: FileLayer): Promise<Document | undefined> {
  // The file behind a link is the one to replace.
  const path = await Deno.realPath(file);
  const bytes = await files.read(path);
  if (bytes === undefined) return undefined;
  const whole = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const mark = whole.startsWith("\ufeff") ? "\ufeff" : "";
  const text = whole.slice(mark.length);
  const { parse } = await import("jsonc-parser");
  const value = parse(text, [], { allowTrailingComma: true });
  const { mode } = await Deno.stat(path);
  return { path, mark, text, value, mode: mode === null ? 0o644 : mode & 0o777 };
}

/** Settings are texts, numbers, lists and plain objects of these. */
function isSameObject(a: unknown, b: unknown): boolean {
  const sorted = (value: unknown) =>
    JSON.stringify(Object.entries(value as object).sort(([x], [y]) => (x < y ? -1 : 1)));
  return typeof a === "object" && a !== null && sorted(a) === sorted(b);
}
