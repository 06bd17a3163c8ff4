import assert from "node:assert/strict";
import type { EvmAnchorFacts } from "../../../lib/chain/chain_client.ts";
import {
  type ChainClientOptions,
  createChainClient,
  type EvmChainOptions,
} from "../../../lib/chain/create_chain_client.ts";
import { type PotError, UnreachableError } from "../../../lib/core/errors.ts";
import { systemClock } from "../../../lib/runtime/system_clock.ts";
import { denoFiles } from "../../../lib/io/deno_files.ts";
import { type ChainFixture, headOf, signerOf, startChainFixture } from "../../_fakes/chain_fixture.ts";
import { type Fault, startFaultProxy } from "../../_fakes/fault_proxy.ts";
import { createRacingClock } from "../../_fakes/racing_clock.ts";

const HASH = "ab".repeat(32);

function optionsFor(
  chain: ChainFixture,
  urls: readonly string[],
  { fallback = "local", name = "x", ...evm }:
    & { readonly fallback?: "none" | "local"; readonly name?: string }
    & Partial<EvmChainOptions> = {},
): ChainClientOptions {
  const shared = { files: denoFiles, clock: createRacingClock(), randomUuid: () => crypto.randomUUID() };
  return {
    chain: "evm",
    fallback,
    evm: {
      ...shared,
      urls,
      chainId: chain.devnet.chainId,
      timeoutMs: 200,
      contract: chain.contract,
      confirmations: 1,
      feePolicy: { capWei: 100_000_000_000n },
      journalFolder: `${chain.folder}/${name}`,
      openSigner: () => Promise.resolve(signerOf(chain.devnet.accounts[1]!.privateKey)),
      pollIntervalMs: 20,
      patienceMs: 400,
      ...evm,
    },
    local: { ...shared, path: `${chain.folder}/${name}/provenance_records.jsonl`, origin: "pot/test" },
  };
}

Deno.test("createChainClient() with fallback on a chain of its own", async (t) => {
  await using chain = await startChainFixture();
  const { devnet } = chain;

  await t.step("works through the second endpoint while the first is down", async () => {
    for (
      const fault of [{ kind: "html", status: 502 }, { kind: "status", status: 429 }, {
        kind: "hang",
      }] as Fault[]
    ) {
      await using bad = startFaultProxy(devnet.rpcUrl, { fault: () => fault });
      await using client = await createChainClient(
        optionsFor(chain, [bad.url, devnet.rpcUrl], { fallback: "none" }),
      );
      const stored = await client.storeHash(HASH, fault.kind);
      assert.equal((await client.retrieveHash(stored.transactionId))?.metadata, fault.kind);
    }
  });

  await t.step("writes locally only while no endpoint answers, and reads by the id's shape", async () => {
    await using proxy = startFaultProxy(devnet.rpcUrl);
    await using client = await createChainClient(optionsFor(chain, [proxy.url], { name: "fallback" }));
    assert.equal(client.kind, "evm");
    assert.equal(client.chainId, "eip155:31337");
    const onChain = await client.storeHash(HASH, "on the chain", { key: "1" });
    proxy.fault = () => ({ kind: "status", status: 503 });
    const onLedger = await client.storeHash(HASH, "on the ledger", { key: "2" });
    assert.equal(onLedger.submitter, "local:pot/test");
    const localFacts = await client.anchor(headOf(3));
    assert.equal(localFacts.state, "local");
    assert.equal((await client.health()).isHealthy, false);
    await assert.rejects(() => client.retrieveHash(onChain.transactionId), UnreachableError);
    proxy.fault = () => undefined;
    assert.equal((await client.retrieveHash(onChain.transactionId))?.metadata, "on the chain");
    assert.equal((await client.retrieveHash(onLedger.transactionId))?.metadata, "on the ledger");
    assert.equal(await client.verifyHash(HASH, onLedger.transactionId), true);
    // The next anchor reaches the chain and covers what was anchored locally.
    const facts = await client.anchor(headOf(4)) as EvmAnchorFacts;
    assert.equal(facts.state, "confirmed");
    assert.deepEqual(await client.refresh(localFacts), localFacts);
    assert.equal((await client.health()).isHealthy, true);
  });

  await t.step("does not fall back for a definite no", async () => {
    await chain.ownerCalls("pauseContract");
    await using client = await createChainClient(optionsFor(chain, [devnet.rpcUrl], { name: "paused" }));
    await assert.rejects(() => client.anchor(headOf(9)), {
      message: "Cannot anchor as the contract is paused",
    });
    await assert.rejects(
      () => Deno.stat(`${chain.folder}/paused/provenance_records.jsonl`),
      Deno.errors.NotFound,
    );
    await chain.ownerCalls("unpauseContract");
    await using wrong = await createChainClient(
      optionsFor(chain, [devnet.rpcUrl], { name: "wrong", chainId: 1 }),
    );
    await assert.rejects(() => wrong.anchor(headOf(9)), (error: PotError) => {
      assert.equal(error.exitCode, 2);
      assert.equal(
        error.message,
        "Cannot use the chain as every RPC endpoint serves another one than chain id 1",
      );
      assert.match(error.facts[0]!, /: chain id 31337, expected 1$/);
      return true;
    });
  });

  await t.step("shows no secret in any error", async () => {
    const urlKey = "k3y-in-the-url-path";
    const { privateKey } = devnet.accounts[1]!;
    const leaks = [urlKey, privateKey, privateKey.slice(2)];
    const faults: Fault[] = [
      { kind: "html", status: 502 },
      { kind: "status", status: 401, body: `key ${urlKey} is unknown` },
      { kind: "rpc-error", error: { code: -32000, message: `project ${urlKey} is over quota` } },
      {
        kind: "rpc-error",
        error: { code: -32602, message: `no such project: ${urlKey}, see https://h.example/${urlKey}` },
      },
      { kind: "rpc-error", error: { code: 3, message: `execution reverted: ${urlKey}`, data: "0x12345678" } },
      { kind: "result", result: `nonsense ${urlKey}` },
      { kind: "hang" },
      { kind: "forward-then-status", status: 504 },
    ];
    let seen = 0;
    const checkError = (error: unknown) => {
      seen++;
      const shown = Deno.inspect(error, { depth: 20 }) + JSON.stringify(error) +
        String((error as Error).stack);
      for (const leak of leaks) assert.ok(!shown.includes(leak), shown);
    };
    for (
      const method of [
        "",
        "eth_estimateGas",
        "eth_sendRawTransaction",
        "eth_getTransactionReceipt",
        "eth_getCode",
      ]
    ) {
      for (const fault of faults) {
        await using proxy = startFaultProxy(devnet.rpcUrl, {
          path: `/v2/${urlKey}?apikey=${urlKey}`,
          fault: (call) => method === "" || call.method === method ? fault : undefined,
        });
        const options = optionsFor(chain, [proxy.url], { fallback: "none", name: "secrets", timeoutMs: 50 });
        await using client = await createChainClient(options);
        const { checks } = await client.health();
        checkError(checks);
        for (
          const attempt of [() => client.storeHash(HASH, "", { key: "s" }), () => client.retrieveHash("1")]
        ) {
          await attempt().then(() => {}, checkError);
        }
      }
    }
    const refused = optionsFor(
      chain,
      [`http://127.0.0.1:9/${urlKey}`, `https://user:${urlKey}@localhost:9/`],
      {
        fallback: "none",
      },
    );
    await using client = await createChainClient(refused);
    await client.retrieveHash("1").catch(checkError);
    for (const url of [`http://rpc.example.org/${urlKey}`, `::${urlKey}`, `ftp://u:${urlKey}@h/`]) {
      await createChainClient(optionsFor(chain, [url])).catch(checkError);
    }
    assert.ok(seen > 80, `${seen} errors seen`);
  });
});

Deno.test("createChainClient() loads no viem for the local ledger", async () => {
  const module = new URL("../../../lib/chain/create_chain_client.ts", import.meta.url);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--no-lock", "--json", module.pathname],
    cwd: new URL("../../..", import.meta.url).pathname,
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string; dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[] }[];
  };
  const bySpecifier = new Map(modules.map((found) => [found.specifier, found]));
  const reached = new Set<string>();
  const walk = (specifier: string) => {
    if (reached.has(specifier)) return;
    reached.add(specifier);
    for (const { code, isDynamic } of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (code && !isDynamic) walk(code.specifier);
    }
  };
  walk(module.href);
  assert.ok(reached.size > 5);
  assert.deepEqual([...reached].filter((specifier) => /viem|evm_|endpoint/.test(specifier)), []);
});

Deno.test("createChainClient() makes the local client", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const local = {
      path: `${folder}/provenance_records.jsonl`,
      origin: "pot/test",
      files: denoFiles,
      clock: systemClock,
      randomUuid: () => crypto.randomUUID(),
    };
    await using client = await createChainClient({ chain: "local", local });
    assert.equal((await client.anchor(headOf(1))).state, "local");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
