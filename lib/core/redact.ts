import { secretPattern } from "./secret_spellings.ts";
import { maskLookalikes } from "./secret_lookalikes.ts";

const SECRET = "[secret]";
/** Stands for a secret that was found until the URLs around it are redacted, as brackets could end a URL. */
const FOUND = "\ue000";

/** Makes a text fit to be shown. */
export type Redact = (text: string) => string;

/**
 * A URL that may be shown: scheme, host and port stay; user info, any path beyond `/`, query and fragment become
 * `[secret]`, as providers put API keys in each of them. A `file:` URL stays as it is. What is no URL becomes `[secret]` whole.
 */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return SECRET;
  const { protocol, host, username, password, pathname, search, hash } = new URL(url);
  // A path on this machine, such as where a module failed to parse: no provider puts a key there.
  if (protocol === "file:") return url;
  const userInfo = username !== "" || password !== "" ? `${SECRET}@` : "";
  const path = pathname === "" || pathname === "/" ? pathname : `/${SECRET}`;
  const query = search === "" ? "" : `?${SECRET}`;
  const fragment = hash === "" ? "" : `#${SECRET}`;
  return `${protocol}//${userInfo}${host}${path}${query}${fragment}`;
}

// Generous on purpose: a quote or a comma can be part of a key, so it ends a URL only where nothing follows it. A
// scheme is tried at the start of a word only, which keeps the search linear in hostile texts. "https://" by itself, as in
// "must be an https:// URL", is a word and no URL.
const URL_IN_TEXT = /(?:(?<![a-z0-9+.-])[a-z0-9+.-]+:\/\/|https?:[\\/]+(?![\\/]))[^\s"<>`]+/gi;
const TRAILING_PUNCTUATION: ReadonlySet<string> = new Set(")]}.,;:!?'");

/**
 * A text that may be shown. Three kinds of things become `[secret]`: each of `secrets`, in any spelling of
 * {@linkcode secretPattern}; what looks like a secret of anybody's, see {@linkcode maskLookalikes}; and of every URL what
 * {@linkcode redactUrl} takes away. Linear in the text's length, whatever it holds.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  return redactMatches(text, secretPattern(secrets));
}

/** As {@linkcode redactText}, with the pattern made beforehand. */
export function redactMatches(text: string, known: RegExp | undefined): string {
  // What was redacted before stays as it is.
  const marked = text.replaceAll(SECRET, FOUND);
  const unknown = known === undefined ? marked : marked.replace(known, FOUND);
  const shown = maskLookalikes(unknown, FOUND).replace(URL_IN_TEXT, (match) => {
    let end = match.length;
    while (TRAILING_PUNCTUATION.has(match.charAt(end - 1))) end--;
    return redactUrl(match.slice(0, end)) + match.slice(end);
  });
  // A marker within a URL's host was percent-encoded by it.
  return shown.replaceAll(FOUND, SECRET).replaceAll("%EE%80%80", SECRET);
}

/** Deeper values are cut: nothing of ours nests so far, and a recursion must end. */
const DEEPEST = 64;

/** A JSON value whose every text, names of fields included, went through `redact`. */
export function redactJson(value: unknown, redact: Redact, depth = 0): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEEPEST) return SECRET;
  if (Array.isArray(value)) return value.map((item) => redactJson(item, redact, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [redact(name), redactJson(field, redact, depth + 1)]),
  );
}
