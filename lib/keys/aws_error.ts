import { PotError, UnreachableError, UsageError } from "../core/errors.ts";
import { TLS_HINT, TlsError } from "../core/tls_error.ts";
import { tlsFailure } from "../core/tls_failure.ts";

/** What was asked of AWS. */
export interface AwsRequest {
  readonly noun: "parameter" | "key";
  /** `name: value` lines that say which. No secrets. */
  readonly facts: readonly string[];
  /** What a policy has to allow, in words. */
  readonly permission: string;
}

/** An error of ours, made of a reason and the next step. */
type Kind = (request: AwsRequest) => {
  readonly reason: string;
  readonly hint: string;
  /** @default UsageError */
  readonly Kind?: typeof UnreachableError;
};

const expired: Kind = () => ({
  reason: "the AWS credentials have expired",
  hint: "get new ones, such as with: aws sso login; or set new AWS_ACCESS_KEY_ID, … and AWS_SESSION_TOKEN",
});
const unknownCredentials: Kind = () => ({
  reason: "AWS does not accept the credentials",
  hint:
    "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN or AWS_PROFILE, and this machine's clock",
});
const missing: Kind = ({ noun }) => ({
  reason: `AWS has no such ${noun}`,
  hint: "check its name in POT_KEY_SOURCE, the region and the account of the credentials",
});
const denied: Kind = ({ noun, permission }) => ({
  reason: `AWS refuses access to the ${noun}`,
  hint: `allow the user or role of the credentials ${permission}`,
});
const busy: Kind = () => ({
  reason: "AWS is throttling requests",
  hint: "try again in a minute, or ask for a higher quota",
  Kind: UnreachableError,
});
const unusable: Kind = () => ({
  reason: "the key of AWS KMS is disabled, or is being deleted",
  hint: "enable it, or cancel its deletion: aws kms enable-key, aws kms cancel-key-deletion",
});
const wrongUse: Kind = () => ({
  reason: "the key is not for signing with secp256k1",
  hint: "make one with key usage SIGN_VERIFY and key spec ECC_SECG_P256K1",
});

/** By the name of the service's error. */
const KINDS: Readonly<Record<string, Kind>> = {
  ParameterNotFound: missing,
  ParameterVersionNotFound: missing,
  NotFoundException: missing,
  AccessDeniedException: denied,
  AccessDenied: denied,
  ThrottlingException: busy,
  Throttling: busy,
  TooManyRequestsException: busy,
  RequestLimitExceeded: busy,
  LimitExceededException: busy,
  ExpiredTokenException: expired,
  ExpiredToken: expired,
  RequestExpired: expired,
  UnrecognizedClientException: unknownCredentials,
  InvalidClientTokenId: unknownCredentials,
  InvalidSignatureException: unknownCredentials,
  SignatureDoesNotMatch: unknownCredentials,
  IncompleteSignature: unknownCredentials,
  IncompleteSignatureException: unknownCredentials,
  MissingAuthenticationToken: unknownCredentials,
  MissingAuthenticationTokenException: unknownCredentials,
  CredentialsProviderError: () => ({
    reason: "no AWS credentials are found",
    hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give this machine a role",
  }),
  TokenProviderError: expired,
  InvalidKeyId: unusable,
  DisabledException: unusable,
  KMSInvalidStateException: unusable,
  InvalidKeyUsageException: wrongUse,
  UnsupportedOperationException: wrongUse,
};

/**
 * The error for what the SDK threw. Nothing of the SDK's own text comes along, as it may quote what was sent or answered: only the
 * error's name, its status and the request's number.
 */
export function awsError(error: unknown, request: AwsRequest): PotError {
  // Thrown by our own checks within the SDK.
  if (error instanceof PotError) return error;
  const { name, code, message, $metadata } = (typeof error === "object" && error !== null ? error : {}) as {
    readonly name?: unknown;
    readonly code?: unknown;
    readonly message?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: unknown; readonly requestId?: unknown };
  };
  const status = typeof $metadata?.httpStatusCode === "number" ? $metadata.httpStatusCode : undefined;
  const facts = [
    ...request.facts,
    ...fact("error", word(name) === "Error" ? undefined : word(name)),
    ...fact("reason", word(code)),
    ...fact("status", status === undefined ? undefined : String(status)),
    ...fact("request", word($metadata?.requestId)),
  ];
  const kind = KINDS[typeof name === "string" && Object.hasOwn(KINDS, name) ? name : ""];
  if (kind !== undefined) {
    const { reason, hint, Kind = UsageError } = kind(request);
    return new Kind(`Cannot sign as ${reason}`, { facts, hint });
  }
  if (typeof message === "string" && /^Region (?:is missing|not accepted)/.test(message)) {
    return new UsageError("Cannot sign as no valid AWS region is configured", {
      facts: request.facts,
      hint: "set AWS_REGION, or add the region to POT_KEY_SOURCE: ?region=eu-central-1",
    });
  }
  // Refused for what was asked: asking again is of no use.
  if (status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return new PotError("Cannot sign as AWS refused the request", {
      facts,
      hint: "look up the error and the request in AWS CloudTrail",
    });
  }
  const untrusted = tlsFailure(error);
  if (untrusted !== undefined) {
    return new TlsError("Cannot sign as AWS could not show who it is", {
      facts: [...facts, `reason: ${untrusted}`],
      hint: TLS_HINT,
    });
  }
  return new UnreachableError("Cannot sign as AWS did not answer", {
    facts,
    hint: "check the network, the region and the endpoint, then try again",
  });
}

function fact(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}: ${value}`];
}

/** A name or number that AWS or the system made up; anything longer could be something else. */
function word(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z0-9_-]{1,60}$/.test(value) ? value : undefined;
}
