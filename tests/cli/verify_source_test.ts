import assert from "node:assert/strict";
import { proofOfTrainingCompiler } from "../../contracts/artifact.ts";
import { proofOfTrainingContractName, proofOfTrainingStandardJson } from "../../contracts/standard_json.ts";
import { startDevnet } from "../../lib/chain/devnet.ts";
import { publishOnEtherscan } from "../../lib/chain/etherscan.ts";
import { publishOnSourcify } from "../../lib/chain/sourcify.ts";
import type { PublishedContract, SourceServiceOptions } from "../../lib/chain/source_service.ts";
import { PotError, UnreachableError, UsageError } from "../../lib/core/errors.ts";
import { createCli } from "../_fakes/cli_harness.ts";
import { createRacingClock } from "../_fakes/racing_clock.ts";
import { startEtherscan, startSourcify } from "../_fakes/source_services.ts";

const API_KEY = "TOPSECRETKEY1234567890";
const NOT_OK = { status: "0", message: "NOTOK" };

Deno.test("pot contract verify-source has both services compile it and find the same code", async () => {
  await using devnet = await startDevnet();
  await using etherscan = startEtherscan(devnet, { apiKey: API_KEY });
  await using sourcify = startSourcify(devnet);
  const env = {
    RPC_URL: devnet.rpcUrl,
    CHAIN_ID: "31337",
    PRIVATE_KEY: devnet.accounts[0]!.privateKey,
    POT_ETHERSCAN_URL: `${etherscan.url}/v2/api`,
    POT_SOURCIFY_URL: sourcify.url,
  };
  await using cli = await createCli({ env });
  await cli.run("contract", "deploy");

  // Without an API key only the one that asks for none; the prototype's name of the key works too.
  const alone = await cli.run("contract", "verify-source", "--json");
  assert.deepEqual([alone.code, alone.json.outcomes], [0, [{
    service: "sourcify",
    status: "verified",
    detail: "match",
  }]]);
  assert.equal(etherscan.requests.length, 0);
  const both = await cli.runWith({ POLYGONSCAN_API_KEY: API_KEY }, "contract", "verify-source", "--json");
  assert.deepEqual([both.code, both.json.outcomes], [0, [
    {
      service: "sourcify",
      status: "already",
      detail: `Contract ${both.json.contract} on chain 31337 is already verified`,
    },
    { service: "etherscan", status: "verified", detail: "Pass - Verified" },
  ]]);
  const again = await cli.runWith({ ETHERSCAN_API_KEY: API_KEY }, "contract", "verify-source");
  assert.equal(again.code, 0);
  assert.match(again.out, /etherscan ✓ verified before \(Contract source code already verified\)\n$/);
  assert.equal(etherscan.requests[0]!.path, "/v2/api");

  const wrong = await cli.runWith({ ETHERSCAN_API_KEY: "WRONGKEY" }, "contract", "verify-source");
  assert.equal(wrong.code, 2);
  assert.match(wrong.err, /^error: Cannot publish the source as Etherscan does not take the API key\n/);
  assert.ok(!`${wrong.out}${wrong.err}`.includes("WRONGKEY"));
  const missing = await cli.run("contract", "verify-source", "--service", "etherscan");
  assert.equal(missing.code, 2);
  assert.match(missing.err, /as no API key is given/);
});

Deno.test("pot contract verify-source says what a service refuses, and that an outage is none of it", async () => {
  await using devnet = await startDevnet();
  await using sourcify = startSourcify(devnet);
  const env = { RPC_URL: devnet.rpcUrl, CHAIN_ID: "31337", PRIVATE_KEY: devnet.accounts[0]!.privateKey };
  await using cli = await createCli({ env: { ...env, POT_SOURCIFY_URL: sourcify.url } });
  const { json: { deployment } } = await cli.run("contract", "deploy", "--json");
  const file = cli.path("deployments", "31337.json");
  await Deno.writeTextFile(
    file,
    (await Deno.readTextFile(file)).replaceAll(deployment.transactionHash, `0x${"12".repeat(32)}`),
  );
  const refused = await cli.run("contract", "verify-source");
  assert.equal(refused.code, 1);
  assert.match(refused.out, /sourcify {2}✗ refused \(no such transaction\)\n$/);

  await devnet.request("anvil_setCode", [deployment.contractAddress, "0x00"]);
  const other = await cli.run("contract", "verify-source");
  assert.equal(other.code, 1);
  assert.match(other.err, /^error: Cannot publish the source as the contract was made of another one\n/);
});

async function deployed(devnet: Awaited<ReturnType<typeof startDevnet>>): Promise<PublishedContract> {
  await using cli = await createCli({
    env: { RPC_URL: devnet.rpcUrl, CHAIN_ID: "31337", PRIVATE_KEY: devnet.accounts[0]!.privateKey },
  });
  const { deployment } = (await cli.run("contract", "deploy", "--json")).json;
  return {
    chainId: 31337,
    contract: deployment.contractAddress,
    constructorArguments: deployment.constructorArguments,
    transactionHash: deployment.transactionHash,
    standardJson: proofOfTrainingStandardJson,
    contractName: proofOfTrainingContractName,
    compilerVersion: proofOfTrainingCompiler.version.split(".Emscripten")[0]!,
  };
}

Deno.test("publishOnEtherscan() waits out queues and limits, and reports everything else", async (t) => {
  await using devnet = await startDevnet();
  const contract = await deployed(devnet);
  const publish = async (
    etherscan: { readonly url: string },
    more: Partial<PublishedContract> = {},
    options: Partial<SourceServiceOptions> = {},
  ) =>
    await publishOnEtherscan({ ...contract, ...more }, {
      url: etherscan.url,
      apiKey: API_KEY,
      clock: createRacingClock(),
      ...options,
    });

  await t.step("a rate limit, an explorer that lags, a broken gateway, a queue", async () => {
    await using etherscan = startEtherscan(devnet, { apiKey: API_KEY });
    etherscan.mood = {
      pendingPolls: 3,
      refusals: [
        { body: { ...NOT_OK, result: "Max rate limit reached, please use API Key for higher rate limit" } },
        { body: { ...NOT_OK, result: `Unable to locate ContractCode at ${contract.contract}` } },
        { status: 429, headers: { "retry-after": "2" }, body: "slow down" },
        { status: 502, body: "<html>Bad gateway</html>" },
        { body: "not JSON" },
      ],
    };
    assert.deepEqual(await publish(etherscan), { status: "verified", detail: "Pass - Verified" });
    assert.equal(etherscan.requests.length, 5 + 1 + 4);
    assert.equal(etherscan.requests.filter(({ method }) => method === "POST").length, 6);
  });

  await t.step("another source, other constructor arguments", async () => {
    await using etherscan = startEtherscan(devnet, { apiKey: API_KEY });
    const runs = proofOfTrainingStandardJson.replace(/"runs":\d+/, '"runs":9');
    const broken = proofOfTrainingStandardJson.replace("pragma", "pragmatic");
    const word = contract.constructorArguments!;
    const cases: readonly (readonly [Partial<PublishedContract>, string])[] = [
      [{ standardJson: runs }, "Fail - Unable to verify: the code is another one"],
      [{ standardJson: broken }, "Fail - Unable to compile"],
      [{ compilerVersion: "0.8.30+commit.73712a01" }, "Fail - Unknown compiler 0.8.30+commit.73712a01"],
      [
        { constructorArguments: `${word.slice(0, -1)}1` as `0x${string}` },
        "Fail - Unable to verify: the constructor arguments are others",
      ],
    ];
    for (const [more, detail] of cases) {
      assert.deepEqual(await publish(etherscan, more), { status: "refused", detail });
    }
  });

  await t.step("a key it does not take, a daily limit, and silence", async () => {
    await using etherscan = startEtherscan(devnet, { apiKey: "another" });
    await assert.rejects(() => publish(etherscan), (error) => {
      assert.ok(error instanceof UsageError);
      assert.ok(!JSON.stringify([error.message, error.facts, error.hint]).includes(API_KEY));
      return true;
    });
    etherscan.mood = {
      refusals: [{ body: { ...NOT_OK, result: "Daily limit of 100 source code submissions reached" } }],
    };
    await assert.rejects(() => publish(etherscan), (error) => {
      assert.ok(error instanceof PotError);
      assert.equal(error.message, "Cannot publish the source as Etherscan takes no more of them today");
      return true;
    });
    await assert.rejects(
      () => publish({ url: "http://127.0.0.1:9" }, {}, { patienceMs: 20_000 }),
      (error) => {
        assert.ok(error instanceof UnreachableError);
        assert.equal(
          error.message,
          "Cannot publish the source on Etherscan as the service gave no answer in time",
        );
        assert.ok(!JSON.stringify(error.facts).includes(API_KEY), JSON.stringify(error.facts));
        return true;
      },
    );
    await assert.rejects(() => publish({ url: "http://etherscan.example" }), { name: "UsageError" });
  });
});

Deno.test("publishOnSourcify() waits out queues and limits, and reports everything else", async () => {
  await using devnet = await startDevnet();
  await using sourcify = startSourcify(devnet);
  const contract = await deployed(devnet);
  const publish = async (more: Partial<PublishedContract> = {}) =>
    await publishOnSourcify({ ...contract, ...more }, {
      url: `${sourcify.url}/`,
      clock: createRacingClock(),
    });
  sourcify.mood = {
    pendingPolls: 2,
    refusals: [
      {
        status: 429,
        body: { customCode: "duplicate_verification_request", message: "being verified already" },
      },
      { status: 500, body: { customCode: "internal_error", message: "?" } },
    ],
  };
  const runs = proofOfTrainingStandardJson.replace(/"runs":\d+/, '"runs":9');
  assert.deepEqual(await publish({ standardJson: runs }), {
    status: "refused",
    detail: "Unable to verify: the code is another one",
  });
  assert.deepEqual(await publish({ chainId: 99 }), {
    status: "refused",
    detail: "The chain 99 is not supported",
  });
  assert.deepEqual(await publish(), { status: "verified", detail: "match" });
  assert.equal((await publish()).status, "already");
});
