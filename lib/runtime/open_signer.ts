import type { SendingOptions } from "../chain/sending_options.ts";
import type { TransactionSigner } from "../core/signer.ts";
import type { Config } from "./config.ts";
import { requireKeyInForce } from "./key_rotation_guard.ts";
import { openKeySource } from "./open_key_source.ts";

/** Who signs in place of the configured key, and when it may. */
export interface Writer {
  /** Opens the key. */
  readonly openSigner: () => Promise<TransactionSigner>;
  /** Throws where the account may not sign. */
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

/**
 * Refuses to start with a key that was retired, as far as that can be seen without asking anybody: for what runs long, and would find
 * out only when it has something to send.
 *
 * @throws {KeyNotInForceError} naming the key that took its place.
 */
export async function requireConfiguredKeyInForce(config: Config): Promise<void> {
  const source = config.signing?.source;
  const isHere = source?.kind === "keystore" ||
    (source?.kind === "env" && config.keys.readVariable(source.variable) !== undefined);
  if (!isHere) return;
  const { showKey } = await import("./show_key.ts");
  const address = (await showKey(config, { unlock: false }))?.address;
  if (address !== undefined) await requireKeyInForce(config.home, address, { action: "start" });
}
