import type { SendingOptions } from "../chain/sending_options.ts";
import type { TransactionSigner } from "../core/signer.ts";
import type { Config } from "./config.ts";
import { requireKeyInForce } from "./key_rotation_guard.ts";
import { openKeySource } from "./open_key_source.ts";

/** Who signs in place of the configured key, and when it may. */
export interface Writer {
  readonly openSigner: () => Promise<TransactionSigner>;
  readonly mayWrite: NonNullable<SendingOptions["mayWrite"]>;
}

/**
 * Opens the configured key, as long as it is in force.
 *
 * @throws {UsageError} when there is no key, or it does not open.
 * @throws {KeyNotInForceError} when it was retired by a rotation.
 */
export async function openSigner(
  config: Config,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<TransactionSigner> {
  const signer = await openKeySource(config).open({ ...(signal && { signal }) });
  await requireKeyInForce(config.home, signer.address);
  return signer;
}
