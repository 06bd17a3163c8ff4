/** Wordings of rustls (`fetch`, `WebSocket`) and codes of OpenSSL (`node:tls`, which packages use), and what each means. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /certificate not valid for name|NotValidForName|ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH/i,
    "its certificate is of another name",
  ],
  [/certificate (?:has )?expired|CERT_HAS_EXPIRED/i, "its certificate has expired"],
  [/certificate (?:is )?not valid yet|NotValidYet|CERT_NOT_YET_VALID/i, "its certificate is not valid yet"],
  [/certificate (?:has been )?revoked|CERT_REVOKED/i, "its certificate was revoked"],
  [
    /UnknownIssuer|self.signed certificate|SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|DEPTH_ZERO/i,
    "its certificate is of no authority that is trusted",
  ],
  [
    /invalid peer certificate|InvalidCertificate|CERT_[A-Z]{3}|UNABLE_TO_VERIFY/,
    "its certificate is not valid",
  ],
  [
    /received fatal alert|received corrupt message|peer is incompatible|peer misbehaved|ERR_SSL_|HandshakeFailure/i,
    "it and this machine found no common TLS",
  ],
];

/** Errors are nested no deeper than this in practice, and may be circular. */
const DEEPEST = 6;

/**
 * Says in words why TLS with the other side failed; `undefined` where something else did. To ask again is no use: a certificate is
 * changed by people.
 */
export function tlsFailure(error: unknown): string | undefined {
  let at = error;
  for (let depth = 0; depth < DEEPEST && typeof at === "object" && at !== null; depth++) {
    const { code, message, cause } = at as { code?: unknown; message?: unknown; cause?: unknown };
    const text = `${typeof code === "string" ? code : ""} ${
      typeof message === "string" ? message.slice(0, 4_000) : ""
    }`;
    const meaning = MEANINGS.find(([wording]) => wording.test(text))?.[1];
    if (meaning !== undefined) return meaning;
    at = cause;
  }
  return undefined;
}
