import { UsageError } from "../core/errors.ts";
import { createAccountSigner } from "./account_signer.ts";
import type { KeySource } from "./key_source.ts";

/** The names `env_key_source` reads. */
export interface EnvKeyOptions {
  /** The value of PRIVATE_KEY; never kept anywhere else. */
  readonly privateKey: string | undefined;
}

const PRIVATE_KEY = /^(?:0x)?[0-9a-fA-F]{64}$/;

/**
 * The key in the environment variable PRIVATE_KEY: 32 bytes as hex, with or without `0x`.
 *
 * `open` throws a UsageError when it is missing or malformed; the message never shows it.
 */
export function createEnvKeySource({ privateKey }: EnvKeyOptions): KeySource {
  return {
    description: "env PRIVATE_KEY",
    async open() {
      if (privateKey === undefined || privateKey === "") {
        throw new UsageError("Cannot sign as no private key is configured", {
          hint: "set PRIVATE_KEY to the account's key (64 hex characters)",
        });
      }
      if (!PRIVATE_KEY.test(privateKey)) throw malformedKey();
      const hex = privateKey.startsWith("0x") ? privateKey : `0x${privateKey}`;
      try {
        return await createAccountSigner(hex as `0x${string}`);
      } catch {
        // The cause would hold the key.
        throw malformedKey();
      }
    },
  };
}

function malformedKey(): UsageError {
  return new UsageError("Cannot sign as PRIVATE_KEY is not a private key", {
    hint: "PRIVATE_KEY must be 64 hex characters, with or without 0x, and a valid secp256k1 key",
  });
}
