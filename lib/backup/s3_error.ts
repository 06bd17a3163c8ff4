import { PotError, UnreachableError } from "../core/errors.ts";
import type { HttpAnswer } from "../io/http_request.ts";
import { readTag } from "./s3_xml.ts";

const HINTS: Readonly<Record<string, string>> = {
  AccessDenied:
    "allow its key s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject, s3:AbortMultipartUpload, s3:DeleteObject on its objects",
  InvalidAccessKeyId: "check AWS_ACCESS_KEY_ID",
  SignatureDoesNotMatch: "check AWS_SECRET_ACCESS_KEY and the region of the target (?region=…)",
  ExpiredToken: "renew AWS_SESSION_TOKEN",
  RequestTimeTooSkewed: "set this machine's clock",
  NoSuchBucket: "make the bucket, or correct its name in POT_BACKUP_TARGETS",
  PermanentRedirect: "give the bucket's region: s3://bucket?region=…",
  AuthorizationHeaderMalformed: "give the bucket's region: s3://bucket?region=…",
  NotImplemented: "use a service that takes If-None-Match on writing, or a folder",
};

/** What a bucket refused. Its own words are not shown, as they may repeat what was sent. */
export function s3Error(
  doing: string,
  { status, bytes }: Pick<HttpAnswer, "status" | "bytes">,
  { target, bucket }: { readonly target: string; readonly bucket: string },
): PotError {
  const given = readTag(bytes, "Code");
  const code = given !== undefined && /^[A-Za-z]{1,60}$/.test(given) ? given : undefined;
  const options = {
    facts: [
      `target: ${target}`,
      `bucket: ${bucket}`,
      `answer: HTTP ${status}${code === undefined ? "" : `, ${code}`}`,
    ],
    hint: HINTS[code ?? ""] ?? "check the target's address, and try again later",
  };
  const isLater = status >= 500 && status !== 501 || status === 429 || status === 408;
  return isLater
    ? new UnreachableError(`Cannot ${doing} as it does not answer as it should`, options)
    : new PotError(`Cannot ${doing} as it was refused`, options);
}
