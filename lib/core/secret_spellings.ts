/** A shorter secret is not looked for: every message would be full of it, and would give it away. */
const SHORTEST = 4;
/** From this length on a secret is also looked for where it is written as hex or base64. */
const SHORTEST_ENCODED = 8;

/**
 * A pattern that finds each secret, `undefined` where there is none: as it is, percent-encoded, JSON-escaped (twice, too),
 * HTML-escaped, a hex key with or without `0x`, in either case, and what is encoded as a whole: hex and base64 of it, also
 * within the base64 of something longer, such as `user:password` of HTTP's Basic authentication (RFC 7617).
 */
export function secretPattern(secrets: Iterable<string>): RegExp | undefined {
  const all = new Set<string>();
  for (const secret of secrets) {
    for (const spelling of spellings(secret)) if (spelling.length >= SHORTEST) all.add(spelling);
  }
  if (all.size === 0) return undefined;
  // Longest first, so that a secret within another does not leave the rest of it behind.
  const longestFirst = [...all].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map((spelling) => RegExp.escape(spelling)).join("|"), "gi");
}

function spellings(secret: string): string[] {
  const isHex = /^(?:0x)?[0-9a-f]{16,}$/i.test(secret);
  const bare = isHex ? secret.replace(/^0x/i, "") : secret;
  const inJson = quoteless(bare);
  const percent = encodeURIComponent(bare.toWellFormed());
  const encoded = new TextEncoder().encode(bare);
  return [
    secret,
    bare,
    ...(isHex ? [`0x${bare}`] : []),
    percent,
    new URLSearchParams([["", bare]]).toString().slice(1),
    percent.replace(/[!'()*._~-]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`),
    inJson,
    quoteless(inJson),
    // Go and Python write these.
    inJson.replace(/[<>&\u007f-\uffff]/g, unicodeEscape),
    bare.replace(/[&<>"']/g, (sign) => HTML[sign]!),
    ...(encoded.length < SHORTEST_ENCODED ? [] : [encoded.toHex(), ...base64Windows(encoded)]),
    ...(isHex && bare.length % 2 === 0 ? base64Windows(Uint8Array.fromHex(bare)) : []),
  ];
}

const HTML: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function quoteless(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function unicodeEscape(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * What base64 (RFC 4648, both alphabets) makes of these bytes wherever in a longer text they stand: three alignments, each
 * without the characters that depend on what is around them.
 */
function base64Windows(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const shifted = new Uint8Array(offset + bytes.length);
    shifted.set(bytes, offset);
    const whole = shifted.toBase64({ omitPadding: true });
    const wholeBits = shifted.length * 8;
    const window = whole.slice(Math.ceil(offset * 8 / 6), Math.floor(wholeBits / 6));
    const inUrls = window.replaceAll("+", "-").replaceAll("/", "_");
    return [window, inUrls, encodeURIComponent(window)];
  });
}
