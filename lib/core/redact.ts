const SECRET = "[secret]";

/**
 * A URL that may be shown: scheme, host and port stay; user info, any path beyond `/`, query and fragment become
 * `[secret]`, as providers put API keys in each of them. What is no URL becomes `[secret]` whole.
 */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return SECRET;
  const { protocol, host, username, password, pathname, search, hash } = new URL(url);
  const userInfo = username !== "" || password !== "" ? `${SECRET}@` : "";
  const path = pathname === "" || pathname === "/" ? pathname : `/${SECRET}`;
  const query = search === "" ? "" : `?${SECRET}`;
  const fragment = hash === "" ? "" : `#${SECRET}`;
  return `${protocol}//${userInfo}${host}${path}${query}${fragment}`;
}

// Generous on purpose: a quote or a comma can be part of a key, so it ends a URL only where nothing follows it.
const URL_IN_TEXT = /(?:[a-z][a-z0-9+.-]*:\/\/|https?:[\\/]*)[^\s"<>`]+/gi;
const TRAILING_PUNCTUATION = /[)\]}.,;:!?']+$/;

/**
 * A text that may be shown: every URL in it goes through {@linkcode redactUrl}, and each of `secrets` becomes
 * `[secret]`, also where it is percent-encoded, JSON-escaped, or a hex key without its `0x`, in either case.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let shown = text;
  for (const spelling of spellings(secrets)) shown = shown.replace(spelling, SECRET);
  return shown.replace(URL_IN_TEXT, (match) => {
    const tail = TRAILING_PUNCTUATION.exec(match)?.[0] ?? "";
    const url = match.slice(0, match.length - tail.length);
    // Just "https:" as a word of a sentence.
    return /:[\\/]*$/.test(url) || URL.canParse(url) === false && !url.includes("/")
      ? match
      : redactUrl(url) + tail;
  });
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
