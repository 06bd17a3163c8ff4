import { UsageError } from "../core/errors.ts";
import { createAccountSigner } from "./account_signer.ts";
import type { KeySource } from "./key_source.ts";

/** What an environment variable says. */
export interface EnvKeyOptions {
  /** Its name, for messages. @default PRIVATE_KEY */
  readonly variable?: string;
  /** Its value; never kept anywhere else. */
  readonly privateKey: string | undefined;
}

const PRIVATE_KEY = /^(?:0x)?[0-9a-fA-F]{64}$/;

/**
 * The key in an environment variable: 32 bytes as hex, with or without `0x`.
 *
 * `open` throws a UsageError when it is missing or malformed; the message never shows it.
 */
export function createEnvKeySource({ variable = "PRIVATE_KEY", privateKey }: EnvKeyOptions): KeySource {
  return {
    description: `env ${variable}`,
    async open() {
      if (privateKey === undefined || privateKey === "") {
        throw new UsageError("Cannot sign as no private key is configured", {
          hint: `set ${variable} to the account's key (64 hex characters)`,
        });
      }
      if (!PRIVATE_KEY.test(privateKey)) throw malformedKey(variable);
      const hex = privateKey.startsWith("0x") ? privateKey : `0x${privateKey}`;
      try {
        return await createAccountSigner(hex as `0x${string}`);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw malformedKey(variable);
      }
    },
  };
}

function malformedKey(variable: string): UsageError {
  return new UsageError(`Cannot sign as ${variable} is not a private key`, {
    hint: `${variable} must be 64 hex characters, with or without 0x, and a valid secp256k1 key`,
  });
}
