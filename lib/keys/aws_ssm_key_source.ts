import { UsageError } from "../core/errors.ts";
import { loadPackage } from "../io/load_package.ts";
import { untilAborted } from "../io/until_aborted.ts";
import { awsClientConfig, type AwsOptions, requireSecureEndpoint } from "./aws_client.ts";
import { awsError } from "./aws_error.ts";
import type { KeySource } from "./key_source.ts";
import { createSignerFromSecret } from "./signer_from_secret.ts";

/** Which parameter holds the key. */
export interface AwsSsmKeyOptions extends AwsOptions {
  /** Name or ARN, a version or label after a colon where one is pinned. @default /pot/blockchain/private-key */
  readonly parameter?: string;
}

/**
 * The private key in AWS Systems Manager Parameter Store, as a SecureString. The SDK is loaded by `open`, which asks once and is
 * stopped by its signal alone.
 *
 * `open` throws a UsageError when there is no such parameter, it is not encrypted, it holds no private key, or AWS does not let these
 * credentials read it; an UnreachableError when AWS does not answer, or is throttling.
 */
export function createAwsSsmKeySource(
  { parameter = "/pot/blockchain/private-key", ...options }: AwsSsmKeyOptions = {},
): KeySource {
  const { region } = options;
  const facts = [`parameter: ${parameter}`, ...(region === undefined ? [] : [`region: ${region}`])];
  return {
    description: `AWS parameter ${parameter}${region === undefined ? "" : ` in ${region}`}`,
    async open({ signal } = {}) {
      const { Type, Value } = await untilAborted(
        () => read(parameter, { ...options, signal, facts }),
        signal,
      );
      if (Type !== "SecureString" || Value === undefined) {
        throw new UsageError("Cannot sign as the parameter is not a SecureString", {
          facts,
          hint:
            "whoever can list parameters can read it: move the funds to a new key, and store that as a SecureString",
        });
      }
      return await createSignerFromSecret(Value, { subject: "the parameter", facts });
    },
  };
}

async function read(
  parameter: string,
  { signal, facts, ...options }: AwsOptions & {
    readonly signal: AbortSignal | undefined;
    readonly facts: readonly string[];
  },
) {
  const { SSMClient, GetParameterCommand } = await loadPackage("aws-ssm");
  const client = new SSMClient(awsClientConfig(options));
  requireSecureEndpoint(client);
  try {
    const command = new GetParameterCommand({ Name: parameter, WithDecryption: true });
    const { Parameter = {} } = await client.send(
      command,
      signal === undefined ? {} : { abortSignal: signal },
    );
    return Parameter;
  } catch (error) {
    signal?.throwIfAborted();
    throw awsError(error, {
      noun: "parameter",
      facts,
      permission: "ssm:GetParameter on it, and kms:Decrypt on the key it is encrypted with",
    });
  } finally {
    client.destroy();
  }
}
