import { redactMatches } from "./redact.ts";
import { secretPattern } from "./secret_spellings.ts";
import { urlSecrets } from "./url_secrets.ts";

/**
 * Makes texts fit to be shown, and knows the secrets of one installation. Made once where the program starts, and handed to
 * whatever writes messages, logs, alerts, pages or files. It is a {@linkcode Redact}: see `redactText`.
 */
export interface Redactor {
  (text: string): string;
  /**
   * A text in which only the known secrets are replaced: for what a command was asked to print, where a URL or a
   * token of somebody else's may be the answer.
   */
  known(text: string): string;
  /**
   * Tells it more secrets: settings, or a key that was just read from a vault. Of URLs, also several with commas between
   * them, the parts that may hold a key.
   */
  learn(secrets: Iterable<string>): void;
}

/** Costs nothing until something is to be shown. */
export function createRedactor(secrets: Iterable<string> = []): Redactor {
  const all = new Set<string>();
  let pattern: RegExp | undefined;
  let isCurrent = true;

  function learn(more: Iterable<string>): void {
    for (const secret of more) for (const part of secretParts(secret)) all.add(part);
    isCurrent = false;
  }

  function knownPattern(): RegExp | undefined {
    if (!isCurrent) pattern = secretPattern(all);
    isCurrent = true;
    return pattern;
  }

  learn(secrets);
  return Object.assign((text: string) => redactMatches(text, knownPattern()), {
    known(text: string) {
      const known = knownPattern();
      return known === undefined ? text : text.replace(known, "[secret]");
    },
    learn,
  });
}

/** A line of a longer secret, such as a key in PEM, that is worth looking for on its own. */
const SHORTEST_LINE = 16;

function secretParts(secret: string): string[] {
  const text = secret.trim();
  if (text.includes("://")) {
    const urls = text.split(",").map((part) => part.trim());
    if (urls.every((url) => URL.canParse(url))) return urls.flatMap((url) => urlSecrets(new URL(url)));
  }
  const lines = text.split(/\r?\n/);
  return lines.length === 1
    ? [text]
    : [text, ...lines.filter((line) => line.length >= SHORTEST_LINE && !line.startsWith("-----"))];
}
