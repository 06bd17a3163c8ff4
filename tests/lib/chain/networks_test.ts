import assert from "node:assert/strict";
import * as viemChains from "viem/chains";
import { UsageError } from "../../../lib/core/errors.ts";
import { findNetwork, findNetworkByChainId, listNetworks } from "../../../lib/chain/networks.ts";

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
  for (const { name, confirmations, maxFeeGwei, finality } of listNetworks()) {
    assert.ok(Number.isSafeInteger(confirmations) && confirmations >= 1, name);
    assert.ok(maxFeeGwei > 0, name);
    assert.notEqual(finality, "", name);
  }
  assert.equal(findNetwork("anvil").confirmations, 1);
});

Deno.test("findNetwork() names the successor of a network that was shut down", () => {
  for (const [name, successor] of [["mumbai", "polygon-amoy"], ["goerli", "sepolia"]] as const) {
    assert.throws(() => findNetwork(name), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.message, `Cannot use the network ${name} as it was shut down`);
      assert.equal(error.hint, `use ${successor}`);
      assert.equal(error.exitCode, 2);
      return true;
    });
  }
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
