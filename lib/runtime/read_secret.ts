import { UsageError } from "../core/errors.ts";
import { denoFiles } from "../io/deno_files.ts";
import type { SecretConfig } from "./alerting_config.ts";
import { SETTINGS } from "./settings.ts";

/**
 * The secret itself, from its file where it is in one.
 *
 * @throws {UsageError} when that file cannot be read, or its line is not what the setting asks for
 */
export async function readSecret(secret: SecretConfig): Promise<string> {
  if ("text" in secret) return secret.text;
  const { file, setting } = secret;
  const { env: [variable], expected, parse } = SETTINGS[setting];
  const refuse = (reason: string) =>
    new UsageError(`Cannot use ${variable}_FILE as ${reason}`, {
      facts: [`file: ${file}`],
      hint: `it holds one line: ${expected}`,
    });
  const bytes = await denoFiles.read(file).catch(() => undefined);
  if (bytes === undefined) throw refuse("the file cannot be read");
  const text = new TextDecoder().decode(bytes).replace(/\r?\n$/, "");
  if (parse(text) === undefined) throw refuse("its line does not look right");
  return text;
}
