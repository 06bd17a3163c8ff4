import { dirname, join } from "node:path";
import { UsageError } from "../core/errors.ts";

/** The name every installation's configuration file has. */
export const CONFIG_FILE_NAME = "pot.jsonc";

/** The nearest pot.jsonc, from `folder` upward; `undefined` when there is none. */
export async function findConfigFile(folder: string): Promise<string | undefined> {
  for (let at = folder;; at = dirname(at)) {
    const path = join(at, CONFIG_FILE_NAME);
    if (await isFile(path)) return path;
    if (dirname(at) === at) return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/**
 * Reads a configuration file: JSON with comments and trailing commas.
 *
 * @throws {UsageError} when it cannot be read, is not an object or has a key twice, naming file and line.
 */
export async function readConfigFile(path: string): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    // Some editors start a file with a byte order mark.
    text = (await Deno.readTextFile(path)).replace(/^\ufeff/, "");
  } catch (cause) {
    const isMissing = cause instanceof Deno.errors.NotFound;
    throw new UsageError(
      `Cannot read the configuration file as ${isMissing ? "there is no such file" : "it is unreadable"}`,
      {
        facts: [
          `file: ${path}`,
          ...(isMissing || !(cause instanceof Error) ? [] : [`reason: ${cause.message}`]),
        ],
        hint: isMissing ? "check --config, or make one with: pot init" : "check the path and its permissions",
        cause,
      },
    );
  }
  const { parse, printParseErrorCode, visit } = await import("jsonc-parser");
  const errors: { error: number; offset: number; length: number }[] = [];
  let value: unknown;
  try {
    value = parse(text, errors, { allowTrailingComma: true });
  } catch (cause) {
    // The parser is recursive; this is the only thing it throws.
    throw new UsageError("Cannot read the configuration file as it is nested too deep", {
      facts: [`file: ${path}`],
      hint: "settings are texts, numbers and lists of texts, as pot init writes them",
      cause,
    });
  }
  const [first] = errors;
  if (first !== undefined) {
    const line = text.slice(0, first.offset).split("\n").length;
    throw new UsageError("Cannot read the configuration file as it is not JSON with comments", {
      facts: [`file: ${path}, line ${line}`, `problem: ${printParseErrorCode(first.error)}`],
      hint: "correct that line, or the one before it",
    });
  }
  const twice = findDuplicateKey(text, visit);
  if (twice !== undefined) {
    throw new UsageError("Cannot read the configuration file as a key stands in it twice", {
      facts: [`file: ${path}, line ${twice.line}`, `key: ${JSON.stringify(twice.key.slice(0, 80))}`],
      hint: "remove one of the two: which of them was meant, nobody can tell",
    });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError("Cannot read the configuration file as it is not an object", {
      facts: [`file: ${path}`],
      hint: "it must be { … }, as pot init writes it",
    });
  }
  return value as Readonly<Record<string, unknown>>;
}

/** The first key that an object repeats, and its line; the parser itself would take the last of the two values. */
function findDuplicateKey(
  text: string,
  visit: typeof import("jsonc-parser").visit,
): { readonly key: string; readonly line: number } | undefined {
  const open: Set<string>[] = [];
  let found: { readonly key: string; readonly line: number } | undefined;
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty(key, _offset, _length, startLine) {
      const keys = open.at(-1);
      if (keys?.has(key)) found ??= { key, line: startLine + 1 };
      keys?.add(key);
    },
  }, { allowTrailingComma: true });
  return found;
}
