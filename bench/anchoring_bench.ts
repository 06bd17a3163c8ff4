/**
 * Records anchored a second, end to end: recorded durably in batches, the head anchored on an Anvil that mines at once, the receipt and its
 * path captured. Three rounds on fresh homes; the median counts.
 *
 *     deno run --lock=tests/deno.lock -A bench/anchoring_bench.ts [records] [records a batch] [records an anchor]
 */
import { createEndpointPool } from "../lib/chain/endpoint_pool.ts";
import { createEvmClient } from "../lib/chain/evm_client.ts";
import { denoFiles } from "../lib/io/deno_files.ts";
import { systemClock } from "../lib/runtime/system_clock.ts";
import { signerOf, startChainFixture } from "../tests/_fakes/chain_fixture.ts";
import { openRecorder } from "../tests/_fakes/recorder_fixture.ts";
import { formatTable, median } from "./measure.ts";
