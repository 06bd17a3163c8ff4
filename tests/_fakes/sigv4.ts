import { createHash, createHmac } from "node:crypto";

/** A request as it came in. */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** An access key that the service knows. */
export interface KnownCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials have one, and it must come along. */
  readonly sessionToken?: string;
  readonly isExpired?: boolean;
}

export interface VerifySigV4Options {
  readonly credentials: readonly KnownCredentials[];
  readonly region: string;
  readonly service: string;
  readonly nowMs: number;
}

/** What AWS answers to a request that is not signed as it should be. */
export interface AwsRefusal {
  readonly type: string;
  readonly message: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;
/** How far a client's clock may be off. */
const MAX_SKEW_MS = 5 * 60_000;

/** Checks a request as AWS does (Signature Version 4): scope, time, signed headers, token, body and signature. `undefined`: it is right. */
export function verifySigV4(request: SignedRequest, options: VerifySigV4Options): AwsRefusal | undefined {
  const { headers, body } = request;
  const header = headers.get("authorization");
  if (header === null) {
    return { type: "MissingAuthenticationTokenException", message: "Missing Authentication Token" };
  }
  const [, keyId, day, region, service, signedHeaders, signature] = AUTHORIZATION.exec(header) ?? [];
  if (signedHeaders === undefined) return { type: "IncompleteSignatureException", message: "malformed" };
  const known = options.credentials.find(({ accessKeyId }) => accessKeyId === keyId);
  const invalid = (message: string) => ({ type: "InvalidSignatureException", message });
  if (known === undefined || (headers.get("x-amz-security-token") ?? undefined) !== known.sessionToken) {
    return {
      type: "UnrecognizedClientException",
      message: "The security token included in the request is invalid.",
    };
  }
  if (region !== options.region || service !== options.service) {
    return invalid(`Credential should be scoped to ${options.region}/${options.service}`);
  }
  const time = headers.get("x-amz-date") ?? "";
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time) ?? [];
  if (s === undefined || time.slice(0, 8) !== day) return invalid("Date in Credential scope does not match");
  if (Math.abs(Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`) - options.nowMs) > MAX_SKEW_MS) {
    return invalid("Signature expired");
  }
  const names = signedHeaders.split(";");
  // What decides over the request must be signed.
  const needed = [...headers.keys()].filter((name) => name === "host" || name.startsWith("x-amz-"));
  if (needed.some((name) => !names.includes(name))) return invalid(`not signed: ${needed}`);
  const bodyHash = headers.get("x-amz-content-sha256");
  if (bodyHash !== null && bodyHash !== sha256(body)) return invalid("the body is another one");
  if (signature !== signSigV4(request, { secretAccessKey: known.secretAccessKey, names, region, service })) {
    return invalid("The request signature we calculated does not match the signature you provided.");
  }
  return known.isExpired
    ? { type: "ExpiredTokenException", message: "The security token included in the request is expired" }
    : undefined;
}

/** The signature of a request, as hex. */
export function signSigV4(
  { method, url, headers, body }: SignedRequest,
  { secretAccessKey, names, region, service }: {
    readonly secretAccessKey: string;
    /** Headers to sign, in order. */
    readonly names: readonly string[];
    readonly region: string;
    readonly service: string;
  },
): string {
  const { pathname, searchParams } = new URL(url);
  const query = [...searchParams].map((pair) => pair.map(encodeURIComponent).join("=")).sort().join("&");
  const lines = names.map((name) => `${name}:${(headers.get(name) ?? "").trim().replace(/ +/g, " ")}\n`);
  const canonical = [method, pathname, query, lines.join(""), names.join(";"), sha256(body)].join("\n");
  const time = headers.get("x-amz-date") ?? "";
  const scope = [time.slice(0, 8), region, service, "aws4_request"];
  const key = scope.reduce<string | Uint8Array>(
    (secret, part) => hmac(secret, part),
    `AWS4${secretAccessKey}`,
  );
  const toSign = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(new TextEncoder().encode(canonical))];
  return hmac(key, toSign.join("\n")).toHex();
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function hmac(key: string | Uint8Array, text: string): Uint8Array {
  return new Uint8Array(createHmac("sha256", key).update(text).digest());
}
