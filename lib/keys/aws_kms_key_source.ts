import { PotError, UsageError } from "../core/errors.ts";
import { fromHex } from "../core/hex.ts";
import { loadPackage } from "../io/load_package.ts";
import { untilAborted } from "../io/until_aborted.ts";
import { awsClientConfig, type AwsOptions, requireSecureEndpoint } from "./aws_client.ts";
import { awsError, type AwsRequest } from "./aws_error.ts";
import { parseDerSignature } from "./der_signature.ts";
import { createDigestSigner } from "./digest_signer.ts";
import type { KeySource } from "./key_source.ts";

/** Which key signs. */
export interface AwsKmsKeyOptions extends AwsOptions {
  /** Key id, `alias/…`, or the ARN of either. */
  readonly keyId: string;
  /** The longest that one signature may take, in milliseconds. @default 30 000 */
  readonly timeoutMs?: number;
}

/** Everything in a SubjectPublicKeyInfo before the point: id-ecPublicKey and secp256k1 (RFC 5480 §2, SEC 2 §A.2.1). */
const SPKI_START = fromHex("3056301006072a8648ce3d020106052b8104000a034200")!;

/**
 * A key of AWS Key Management Service, which never leaves it: each transaction's hash is sent there to be signed. The SDK is loaded by
 * `open`, which asks once for the public key and is stopped by its signal alone.
 *
 * `open` throws a UsageError when there is no such key, it is not enabled, it is not for signing with secp256k1, or AWS does not let
 * these credentials use it; an UnreachableError when AWS does not answer, or is throttling. So does each signature.
 */
export function createAwsKmsKeySource({ keyId, timeoutMs, ...options }: AwsKmsKeyOptions): KeySource {
  const { region } = options;
  const facts = [`key: ${keyId}`, ...(region === undefined ? [] : [`region: ${region}`])];
  return {
    description: `AWS KMS key ${keyId}${region === undefined ? "" : ` in ${region}`}`,
    async open({ signal } = {}) {
      const key = await untilAborted(() => openKey(keyId, { ...options, signal, facts }), signal);
      return await createDigestSigner({ ...key, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    },
  };
}

async function openKey(
  keyId: string,
  { signal, facts, ...options }: AwsOptions & {
    readonly signal: AbortSignal | undefined;
    readonly facts: readonly string[];
  },
) {
  const { KMSClient, GetPublicKeyCommand, SignCommand } = await loadPackage("aws-kms");
  const client = new KMSClient(awsClientConfig(options));
  requireSecureEndpoint(client);
  const ask = async <T>(send: () => Promise<T>, permission: string, signal?: AbortSignal): Promise<T> => {
    try {
      return await send();
    } catch (error) {
      signal?.throwIfAborted();
      const request: AwsRequest = { noun: "key", facts, permission: `${permission} on it` };
      throw awsError(error, request);
    }
  };
  const answer = await ask(
    () => client.send(new GetPublicKeyCommand({ KeyId: keyId }), signal && { abortSignal: signal }),
    "kms:GetPublicKey",
    signal,
  );
  const { KeySpec, KeyUsage, PublicKey, KeyId: arn = keyId } = answer;
  const publicKey = PublicKey && readPoint(PublicKey);
  if (KeySpec !== "ECC_SECG_P256K1" || KeyUsage !== "SIGN_VERIFY" || publicKey === undefined) {
    throw new UsageError("Cannot sign as the key is not for signing with secp256k1", {
      facts: [...facts, `key spec: ${KeySpec}`, `key usage: ${KeyUsage}`],
      hint: "make one with key usage SIGN_VERIFY and key spec ECC_SECG_P256K1",
    });
  }
  return {
    publicKey,
    async signDigest(digest: Uint8Array, { signal }: { readonly signal: AbortSignal }) {
      // By its ARN: an alias may have been given to another key since.
      const command = new SignCommand({
        KeyId: arn,
        Message: digest,
        MessageType: "DIGEST",
        SigningAlgorithm: "ECDSA_SHA_256",
      });
      const { Signature } = await ask(
        () => client.send(command, { abortSignal: signal }),
        "kms:Sign",
        signal,
      );
      const signature = Signature && parseDerSignature(Signature);
      if (signature !== undefined) return signature;
      throw new PotError("Cannot sign as AWS answered with no signature", { facts, hint: "try again" });
    },
  };
}

/** The uncompressed point of a SubjectPublicKeyInfo of secp256k1. */
function readPoint(spki: Uint8Array): Uint8Array | undefined {
  const isKnown = spki.length === SPKI_START.length + 65 && SPKI_START.every((byte, i) => byte === spki[i]);
  return isKnown ? spki.slice(SPKI_START.length) : undefined;
}
