import { isAbsolute, join } from "node:path";
import type { Redactor } from "../core/redactor.ts";
import { secretFiles, type SecretSources, secretTexts } from "./secret_texts.ts";

/** Longer ones hold no passphrase, key or token. */
const MAX_BYTES = 64 * 1024;

/**
 * Tells a redactor every secret that flags, environment, file and the files named there hold. What cannot be read is left
 * out: whoever needs it says so.
 */
export async function learnSecrets(
  redactor: Pick<Redactor, "learn">,
  { folder, ...sources }: SecretSources & {
    /** Where relative paths start. Absolute. */ readonly folder: string;
  },
): Promise<void> {
  redactor.learn(secretTexts(sources));
  for (const path of secretFiles(sources)) {
    redactor.learn(await readQuietly(isAbsolute(path) ? path : join(folder, path)));
  }
}

async function readQuietly(path: string): Promise<string[]> {
  try {
    // Deno would ask at the terminal for what it was not allowed.
    if ((await Deno.permissions.query({ name: "read", path })).state !== "granted") return [];
    const { isFile, size } = await Deno.stat(path);
    return isFile && size <= MAX_BYTES ? [await Deno.readTextFile(path)] : [];
  } catch {
    return [];
  }
}
