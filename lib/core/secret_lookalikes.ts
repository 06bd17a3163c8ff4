/**
 * What is right to print nowhere, whoever it belongs to. Each pattern is linear: it starts at a word or at a fixed text only, and
 * whatever it repeats is bounded or is not tried again.
 */
const WHOLE: readonly RegExp[] = [
  // PEM (RFC 7468) and its likes; also cut short, and with its line ends escaped.
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?:[^]*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----|[^]*$)/g,
  // age identities.
  /AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{16,}/gi,
  // Our own tokens; a metric's name begins alike, but is in lowercase letters alone.
  /(?<![A-Za-z0-9_])pot_(?=[a-z_]{0,40}[A-Z0-9-])[A-Za-z0-9_-]{16,}/g,
  // Slack.
  /(?<![A-Za-z0-9])(?:xox[a-z]|xapp|xwfp)-[A-Za-z0-9-]{8,}/g,
  // AWS access keys.
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,}/g,
  // HashiCorp Vault.
  /(?<![A-Za-z0-9])hv[sbr]\.[A-Za-z0-9_-]{16,}/g,
  // JSON Web Tokens (RFC 7519).
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g,
];

/** The first group stays, what follows it is secret. */
const AFTER: readonly RegExp[] = [
  /(hooks\.slack(?:-gov)?\.com[\\/]+)[^\s"'<>\\]+/gi,
  // RFC 6750, RFC 7617. "Basic authentication" is prose: a credential has a digit or a sign in it.
  /(\b(?:Bearer|Basic) +)(?=[A-Za-z]{0,60}[0-9._~+/=-])[A-Za-z0-9._~+/=-]{8,}/gi,
  /(\b(?:proxy-)?authorization["']?[ \t]*[:=][ \t]*["']?(?:(?:Bearer|Basic|Token)[ \t]+)?)[^\s"',;]+/gi,
  /(\b(?:x-vault-token|x-amz-security-token|x-api-key|set-cookie|cookie)["']?[ \t]*[:=][ \t]*["']?)[^\s"',;]+/gi,
  // Environment variables and forms; not those that name a file.
  /((?<![A-Z0-9_])(?=[A-Z])[A-Z0-9_]{0,80}(?:_KEY|PASSPHRASE|PASSWORD|SECRET|TOKEN)=["']?)[^\s"'&]+/g,
];

const FIELDS =
  "routing_?key|service_?key|integration_?key|api_?key|private_?key|signing_?key|client_?secret|" +
  "secret_?id|secret_?key|secret_?access_?key|access_?token|refresh_?token|client_?token|auth_?token|" +
  "bot_?token|session_?token|id_?token|password|passphrase|passwd|secret|mnemonic";

/** Fields of JSON objects; the second form is JSON within a text of JSON. */
const IN_JSON: readonly RegExp[] = [
  new RegExp(`("(?:${FIELDS})"[ \\t\\n]*:[ \\t\\n]*")(?:[^"\\\\]|\\\\[^])*`, "gi"),
  new RegExp(`(\\\\"(?:${FIELDS})\\\\"[ \\t\\n]*:[ \\t\\n]*\\\\")[^"\\\\]*`, "gi"),
  new RegExp(`(\\b(?:routing_key|api_?key|client_secret|secret_id|access_token)=)[^\\s"'&;]+`, "gi"),
];

/**
 * A text in which what looks like a secret is `mask`: private keys in PEM, tokens of `pot`, Slack, AWS, HashiCorp Vault and age,
 * JSON Web Tokens, credentials of HTTP headers, and the values of fields that are called like one (`"routing_key": "…"`).
 */
export function maskLookalikes(text: string, mask: string): string {
  let shown = text;
  for (const pattern of WHOLE) shown = shown.replace(pattern, mask);
  for (const pattern of [...AFTER, ...IN_JSON]) {
    shown = shown.replace(pattern, (_, kept: string) => kept + mask);
  }
  return shown;
}
