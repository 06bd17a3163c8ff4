import assert from "node:assert/strict";
import * as viemChains from "viem/chains";
import { UsageError } from "../../../lib/core/errors.ts";
import {
  assertNotShutDown,
  findNetwork,
  findNetworkByChainId,
  listNetworks,
} from "../../../lib/chain/networks.ts";

const VIEM_NAMES: Readonly<Record<string, keyof typeof viemChains>> = {
  "ethereum": "mainnet",
  "sepolia": "sepolia",
  "polygon": "polygon",
  "polygon-amoy": "polygonAmoy",
  "base": "base",
  "base-sepolia": "baseSepolia",
  "arbitrum-one": "arbitrum",
  "arbitrum-sepolia": "arbitrumSepolia",
  "optimism": "optimism",
  "optimism-sepolia": "optimismSepolia",
  "anvil": "anvil",
};

Deno.test("findNetwork() agrees with viem on chain id, currency and explorer", () => {
  assert.deepEqual(listNetworks().map(({ name }) => name), Object.keys(VIEM_NAMES));
  for (const [name, viemName] of Object.entries(VIEM_NAMES)) {
    const network = findNetwork(name);
    const chain = viemChains[viemName] as viemChains.Chain;
    assert.equal(network.name, name);
    assert.equal(network.chainId, chain.id, name);
    assert.equal(network.currency, chain.nativeCurrency.symbol, name);
    assert.equal(network.explorer, chain.blockExplorers?.default.url, name);
    if (name !== "anvil") assert.equal(network.isTestnet, chain.testnet === true, name);
    assert.equal(findNetworkByChainId(network.chainId), network);
  }
});

Deno.test("findNetwork() gives usable defaults", () => {
  for (const network of listNetworks()) {
    const { name, confirmations, maxFeeGwei, maxPriorityFeeGwei, finality, isTestnet } = network;
    const { testNetwork, faucets = [] } = network;
    assert.ok(Number.isSafeInteger(confirmations) && confirmations >= 1, name);
    assert.ok(maxFeeGwei > 0, name);
    assert.ok(maxPriorityFeeGwei > 0 && maxPriorityFeeGwei <= maxFeeGwei, name);
    if (isTestnet) assert.ok(name === "anvil" || faucets.length > 0, name);
    else assert.equal(findNetwork(testNetwork ?? "").isTestnet, true, name);
    for (const faucet of faucets) assert.equal(new URL(faucet).protocol, "https:");
    assert.notEqual(finality, "", name);
  }
  assert.equal(findNetwork("anvil").confirmations, 1);
});

/** Every network that people may still have in their settings, with its chain id. */
const SHUT: readonly (readonly [string, number, string])[] = [
  ["mumbai", 80001, "polygon-amoy (chain id 80002)"],
  ["polygon-mumbai", 80001, "polygon-amoy (chain id 80002)"],
  ["goerli", 5, "sepolia (chain id 11155111)"],
  ["ropsten", 3, "sepolia (chain id 11155111)"],
  ["rinkeby", 4, "sepolia (chain id 11155111)"],
  ["kovan", 42, "sepolia (chain id 11155111)"],
  ["holesky", 17000, "sepolia (chain id 11155111)"],
  ["base-goerli", 84531, "base-sepolia (chain id 84532)"],
  ["arbitrum-goerli", 421613, "arbitrum-sepolia (chain id 421614)"],
  ["optimism-goerli", 420, "optimism-sepolia (chain id 11155420)"],
];

Deno.test("findNetwork() and assertNotShutDown() name the successor of a network that was shut down", () => {
  for (const [name, chainId, successor] of SHUT) {
    const refused = (subject: RegExp) => (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, subject);
      assert.equal(error.hint, `use ${successor}`);
      assert.equal(error.exitCode, 2);
      return true;
    };
    assert.throws(
      () => findNetwork(name),
      refused(new RegExp(`^Cannot use the network ${name} as it was shut down$`)),
    );
    assert.throws(
      () => assertNotShutDown(chainId),
      refused(new RegExp(`^Cannot use chain id ${chainId} \\([a-z-]+\\) as it was shut down$`)),
    );
  }
  for (const { chainId } of listNetworks()) assertNotShutDown(chainId);
  assertNotShutDown(4711);
});

Deno.test("findNetwork() lists the known names for an unknown one", () => {
  for (const name of ["", "Ethereum", "toString", "solana"]) {
    assert.throws(() => findNetwork(name), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(
        error.message,
        `Cannot use the network ${JSON.stringify(name)} as there is no preset of that name`,
      );
      assert.deepEqual(error.facts, [
        "known networks: ethereum, sepolia, polygon, polygon-amoy, base, base-sepolia, arbitrum-one, " +
        "arbitrum-sepolia, optimism, optimism-sepolia, anvil",
      ]);
      return true;
    });
  }
});

Deno.test("findNetworkByChainId() answers undefined for chains without a preset", () => {
  for (const chainId of [0, 5, 80001, 56]) assert.equal(findNetworkByChainId(chainId), undefined);
});
