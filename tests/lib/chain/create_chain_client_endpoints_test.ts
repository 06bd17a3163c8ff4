import assert from "node:assert/strict";
import { createChainClient } from "../../../lib/chain/create_chain_client.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import { endpointsOf } from "../../../lib/runtime/open_chain_client.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";

Deno.test("createChainClient() asks endpoints in the way and at the rate that the configuration says", async () => {
  const { evm } = parseConfig({
    folder: "/srv/pot",
    env: {
      CHAIN_ID: "7",
      POT_RPC_URLS: "https://a.example,https://b.example",
      POT_RPC_SELECTION: "round-robin",
      POT_RPC_RATE: "2",
    },
  });
  const clock = createRacingClock();
  const asked: string[] = [];
  const answers: Readonly<Record<string, string>> = { eth_chainId: "0x7", eth_getCode: "0x00" };
  const answer = ({ id, method }: { id: number; method: string }) => ({
    jsonrpc: "2.0",
    id,
    result: answers[method] ?? "0x1",
  });
  await using client = await createChainClient({
    chain: "evm",
    fallback: "none",
    local: { path: "/x", origin: "x", files: denoFiles, clock, randomUuid: () => "x" },
    evm: {
      ...endpointsOf(evm!),
      fetch: (url, init) => {
        asked.push(new URL(String(url)).hostname);
        const call = JSON.parse(String(init?.body));
        return Promise.resolve(Response.json(Array.isArray(call) ? call.map(answer) : answer(call)));
      },
      contract: `0x${"1".repeat(40)}`,
      confirmations: 1,
      feePolicy: { capWei: 1n },
      journalFolder: "/x",
      files: denoFiles,
      clock,
      randomUuid: () => "x",
    },
  });
  for (let n = 0; n < 4; n++) await client.health();
  const shares = ["a.example", "b.example"].map((host) => asked.filter((name) => name === host).length);
  assert.ok(Math.min(...shares) > asked.length / 3, `${shares}`);
  // Two requests a second to each: what is more has to wait.
  assert.ok(clock.sleptMs.length > 0, "nobody waited");
});
