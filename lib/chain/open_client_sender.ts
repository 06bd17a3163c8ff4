import { UsageError } from "../core/errors.ts";
import type { EvmClientOptions } from "./evm_client.ts";
import { createEvmSender } from "./evm_sender.ts";
import { openJournal } from "./journal.ts";
import type { OpenedSender } from "./shared_sender.ts";

/**
 * The sender of a client with its journal: the key is opened and the journal locked now.
 *
 * @throws UsageError when there is no key.
 */
export async function openClientSender(
  options: EvmClientOptions,
  action: string,
): Promise<OpenedSender> {
  const { endpoints, confirmations, feePolicy, journalFolder, files, clock, openSigner } = options;
  if (openSigner === undefined) {
    throw new UsageError(`Cannot ${action} as no signing key is configured`, {
      hint: "set POT_KEY_SOURCE, POT_KEYSTORE (pot keys new makes one) or PRIVATE_KEY",
    });
  }
  const signer = await openSigner();
  const journal = await openJournal({
    folder: journalFolder,
    address: signer.address,
    chainId: endpoints.chainId,
    files,
  });
  const { pollIntervalMs, patienceMs } = options;
  const sender = createEvmSender({
    endpoints,
    signer,
    journal,
    feePolicy,
    confirmations,
    clock,
    ...options.sending,
    ...(pollIntervalMs !== undefined && { pollIntervalMs }),
    ...(patienceMs !== undefined && { patienceMs }),
  });
  return { sender, journal };
}
