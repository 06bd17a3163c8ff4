/**
 * Stores numbered hashes on a chain, four at once, and ends when all are stored. Arguments: home folder, RPC URL, contract, private key,
 * how many. Prints "open", then each number whose write resolved.
 */
import { createEndpointPool } from "../../lib/chain/endpoint_pool.ts";
import { createEvmClient } from "../../lib/chain/evm_client.ts";
import { denoFiles } from "../../lib/io/deno_files.ts";
import { createAccountSigner } from "../../lib/keys/account_signer.ts";
import { systemClock } from "../../lib/runtime/system_clock.ts";
import { numberedHash } from "./numbered_hash.ts";
import { printLine } from "./print_line.ts";

const [home = "", rpcUrl = "", contract = "", privateKey = "", count = "0"] = Deno.args;
await using client = createEvmClient({
  endpoints: createEndpointPool({ urls: [rpcUrl], chainId: 31_337, clock: systemClock }),
  contract: contract as `0x${string}`,
  confirmations: 1,
  feePolicy: { capWei: 100_000_000_000n },
  journalFolder: home,
  files: denoFiles,
  clock: systemClock,
  randomUuid: () => crypto.randomUUID(),
  openSigner: () => createAccountSigner(privateKey as `0x${string}`),
  pollIntervalMs: 20,
});
printLine("open");
let next = 0;
await Promise.all(Array.from({ length: 4 }, async () => {
  while (next < Number(count)) {
    const n = next++;
    await client.storeHash(numberedHash(n), "", { key: String(n) });
    printLine(String(n));
  }
}));
