const SECRET = "[secret]";
/** Stands for a secret that was found until the URLs around it are redacted, as brackets could end a URL. */
const FOUND = "\ue000";

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
 * A text that may be shown: every URL in it goes through {@linkcode redactUrl}, and each of `secrets` becomes
 * `[secret]`, also where it is percent-encoded, JSON-escaped, or a hex key without its `0x`, in either case.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  // What was redacted before stays as it is.
  let shown = text.replaceAll(SECRET, FOUND);
  for (const spelling of spellings(secrets)) shown = shown.replace(spelling, FOUND);
  shown = shown.replace(URL_IN_TEXT, (match) => {
    let end = match.length;
    while (TRAILING_PUNCTUATION.has(match.charAt(end - 1))) end--;
    return redactUrl(match.slice(0, end)) + match.slice(end);
  });
  return shown.replaceAll(FOUND, SECRET);
}

/** Longest first, so that a secret within another does not leave the rest of it behind. */
function spellings(secrets: readonly string[]): RegExp[] {
  const all = new Set<string>();
  for (const secret of secrets) {
    const bare = /^0x[0-9a-f]{16,}$/i.test(secret) ? secret.slice(2) : secret;
    if (bare === "") continue;
    for (
      const spelling of [
        secret,
        bare,
        encodeURIComponent(bare.toWellFormed()),
        JSON.stringify(bare).slice(1, -1),
      ]
    ) all.add(spelling);
  }
  return [...all].sort((a, b) => b.length - a.length).map((spelling) =>
    new RegExp(RegExp.escape(spelling), "gi")
  );
}
