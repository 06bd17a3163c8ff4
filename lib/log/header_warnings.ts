/** "A few", says the specification: an older checkpoint in a cache hides what was added since. */
const FRESH_SECONDS = 10;
/** Tiles never change; a day is not yet long-lived, but it is no mistake either. */
const LONG_LIVED_SECONDS = 86_400;

/** What is not as C2SP tlog-tiles asks in the headers of the checkpoint; the same sentence for the same thing. */
export function checkpointWarnings(headers: Headers): readonly string[] {
  return [
    ...typeWarning(headers, /^text\/plain\s*;\s*charset="?utf-8"?$/i, {
      what: "the checkpoint",
      wanted: "text/plain; charset=utf-8",
    }),
    ...(isFresh(headers) ? [] : [
      `the checkpoint may be kept by caches (Cache-Control: ${
        cacheControl(headers)
      }): send no-cache, or a max-age of seconds`,
    ]),
  ];
}

/** The same of a tile or an entry bundle. */
export function tileWarnings(headers: Headers): readonly string[] {
  return [
    ...typeWarning(headers, /^application\/octet-stream$/i, {
      what: "tiles",
      wanted: "application/octet-stream",
    }),
    ...(isLongLived(headers) ? [] : [
      `tiles are not kept by caches (Cache-Control: ${
        cacheControl(headers)
      }): they never change, so send a long max-age and immutable`,
    ]),
  ];
}

function typeWarning(
  headers: Headers,
  pattern: RegExp,
  { what, wanted }: { readonly what: string; readonly wanted: string },
): readonly string[] {
  const type = headers.get("content-type") ?? "none";
  return pattern.test(type) ? [] : [`${what}: Content-Type is ${shown(type)}, and should be ${wanted}`];
}

function isFresh(headers: Headers): boolean {
  const { names, seconds } = directives(headers);
  return names.has("no-store") || names.has("no-cache") ||
    (seconds !== undefined && seconds <= FRESH_SECONDS);
}

function isLongLived(headers: Headers): boolean {
  const { names, seconds } = directives(headers);
  if (names.has("no-store") || names.has("no-cache")) return false;
  return names.has("immutable") || (seconds !== undefined && seconds >= LONG_LIVED_SECONDS);
}

/** The names of all directives, and the longest time that one allows (RFC 9111 §5.2.2). */
function directives(headers: Headers): { readonly names: ReadonlySet<string>; readonly seconds?: number } {
  const parts = (headers.get("cache-control") ?? "").toLowerCase().split(",").map((part) => part.trim());
  const times = parts.flatMap((part) => {
    const [, digits] = /^(?:s-maxage|max-age)="?(\d+)"?$/.exec(part) ?? [];
    return digits === undefined ? [] : [Number(digits)];
  });
  const names = new Set(parts.map((part) => part.replace(/=.*/, "")));
  return times.length === 0 ? { names } : { names, seconds: Math.max(...times) };
}

function cacheControl(headers: Headers): string {
  return shown(headers.get("cache-control") ?? "none");
}

/** Another's words, short and in one line. */
function shown(text: string): string {
  return text.slice(0, 80).replaceAll(/[^\x20-\x7e]/g, "?");
}
