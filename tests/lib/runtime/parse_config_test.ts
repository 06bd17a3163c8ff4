import assert from "node:assert/strict";
import { DEFAULT_RULES } from "../../../lib/alerts/default_rules.ts";
import { parseConfig } from "../../../lib/runtime/parse_config.ts";
import type { PotError } from "../../../lib/core/errors.ts";
import type { SettingSources } from "../../../lib/runtime/read_settings.ts";

const KEY = "0x".padEnd(66, "4f");
const RPC = "https://rpc.example.org/v2/topsecretkey";

function parse(sources: Partial<SettingSources> = {}) {
  return parseConfig({ folder: "/srv/pot", env: {}, ...sources });
}

/** What a configuration is refused with: one line a mistake. */
function mistakes(sources: Partial<SettingSources>): readonly string[] {
  let error: PotError | undefined;
  try {
    parse(sources);
  } catch (thrown) {
    error = thrown as PotError;
  }
  assert.ok(error, "it was accepted");
  assert.equal(error.name, "UsageError");
  assert.equal(error.exitCode, 2);
  return error.facts;
}

Deno.test("parseConfig() needs nothing: the local ledger in .pot beside the file", () => {
  const { keys: { readVariable, ...keys }, ...config } = parse();
  assert.deepEqual(keys, { vault: {}, timeoutMs: 30_000, signerTimeoutMs: 120_000 });
  assert.equal(readVariable("PRIVATE_KEY"), undefined);
  assert.deepEqual(config, {
    home: "/srv/pot/.pot",
    folder: "/srv/pot",
    chain: "local",
    fallback: "none",
    anchoring: "batched",
    cost: {},
    jobs: {},
    alerts: { rules: DEFAULT_RULES, escalateTo: [], maintenance: [], ratePerMinute: {} },
  });
});

Deno.test("parseConfig() takes the prototype's environment variables", () => {
  const config = parse({
    env: {
      RPC_URL: RPC,
      CHAIN_ID: "137",
      CONTRACT_ADDRESS: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
      PRIVATE_KEY: KEY,
      GAS_PRICE_GWEI: "30.5",
      POLYGONSCAN_API_KEY: "explorer1",
    },
  });
  assert.equal(config.chain, "evm");
  const { network, ...evm } = config.evm!;
  assert.deepEqual(config.signing, {
    source: { kind: "env", variable: "PRIVATE_KEY" },
    uri: "env:PRIVATE_KEY",
  });
  assert.equal(config.keys.readVariable("PRIVATE_KEY"), KEY);
  assert.equal(network?.name, "polygon");
  assert.deepEqual(evm, {
    chainId: 137,
    rpcUrls: [RPC],
    contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    fixedFeePerGasWei: 30_500_000_000n,
    confirmations: 16,
    maxFeePerGasWei: 1_000_000_000_000n,
    maxPriorityFeePerGasWei: 200_000_000_000n,
    sending: { limits: {} },
    explorers: { etherscanKey: "explorer1" },
  });
});

Deno.test("parseConfig() takes an encrypted key, from where pot.jsonc lies, and never two keys", () => {
  const env = { RPC_URL: RPC, CHAIN_ID: "137" };
  const file = { keystore: ".pot/keystore/a.json", keystorePassphraseFile: "/run/secrets/a" };
  const { signing, keys } = parse({ env: { ...env, POT_KEYSTORE_PASSPHRASE: "one two" }, file });
  const path = "/srv/pot/.pot/keystore/a.json";
  assert.deepEqual(signing, { source: { kind: "keystore", path }, uri: `keystore:${path}` });
  assert.deepEqual([keys.passphrase, keys.passphraseFile], ["one two", "/run/secrets/a"]);
  assert.deepEqual(mistakes({ env: { ...env, PRIVATE_KEY: KEY, POT_KEYSTORE: "/a.json" } }), [
    "PRIVATE_KEY and POT_KEYSTORE must not be given together: which key signs?",
  ]);
  assert.deepEqual(mistakes({ env: { ...env, PRIVATE_KEY: KEY }, file }), [
    "PRIVATE_KEY and keystore in pot.jsonc must not be given together: which key signs?",
  ]);
});

Deno.test("parseConfig() takes POT_RPC_URLS over RPC_URL, in order, and RPC_URL where it is empty", () => {
  const env = { CHAIN_ID: "137", RPC_URL: "https://one.example" };
  const many = "https://b.example, https://a.example/key ,";
  assert.deepEqual(parse({ env: { ...env, POT_RPC_URLS: many } }).evm?.rpcUrls, [
    "https://b.example",
    "https://a.example/key",
  ]);
  assert.deepEqual(parse({ env: { ...env, POT_RPC_URLS: "" } }).evm?.rpcUrls, ["https://one.example"]);
});

Deno.test("parseConfig() takes http only to this machine", () => {
  for (
    const url of ["http://127.0.0.1:8545", "http://localhost:8545/x", "http://[::1]:1", "http://127.9.9.9"]
  ) {
    assert.deepEqual(parse({ env: { CHAIN_ID: "1", RPC_URL: url } }).evm?.rpcUrls, [url]);
  }
  for (
    const url of [
      "http://rpc.example.org",
      "http://127.0.0.1.example.org",
      "http://localhost.example.org",
      "ws://rpc.example.org",
      "rpc.example.org",
      "file:///etc/passwd",
      "https://ok.example,http://not.example",
    ]
  ) {
    assert.deepEqual(mistakes({ env: { CHAIN_ID: "1", RPC_URL: url } }), [
      "RPC_URL must be https:// or wss:// URLs, comma-separated (http:// and ws:// only to this machine)",
    ]);
  }
});

Deno.test("parseConfig() lists every mistake in one error, each by the name it was given under", () => {
  const facts = mistakes({
    flags: { network: "NOPE" },
    env: {
      POT_CHAIN: "solana",
      POT_FALLBACK: "maybe",
      POT_ANCHORING: "all",
      CHAIN_ID: "0x89",
      RPC_URL: "ftp://x",
      PRIVATE_KEY: "12",
      POT_CONFIRMATIONS: "0",
      POT_ORIGIN: "two words",
    },
    file: { contract: "0x12", maxFeeGwei: "much", gasPriceGwei: true, confirmations: 3, colour: "red" },
  });
  assert.deepEqual(
    [...facts].sort(),
    [
      'CHAIN_ID must be a whole number from 1, such as 137 (is "0x89")',
      '--network must be a network\'s name (is "NOPE")',
      'POT_ANCHORING must be "batched" or "each" (is "all")',
      'POT_CHAIN must be "evm" or "local" (is "solana")',
      'POT_CONFIRMATIONS must be a whole number from 1 (is "0")',
      'POT_FALLBACK must be "none" or "local" (is "maybe")',
      'POT_ORIGIN must be the log\'s name: 1 to 200 characters without spaces or +, such as pot/6f1c2d9a (is "two words")',
      "PRIVATE_KEY must be 64 hex characters, with or without 0x",
      "RPC_URL must be https:// or wss:// URLs, comma-separated (http:// and ws:// only to this machine)",
      "colour in pot.jsonc is no setting: docs/operations.md lists them",
      'contract in pot.jsonc must be 0x and 40 hex characters (is "0x12")',
      "gasPriceGwei in pot.jsonc must be gwei above 0, such as 30 (is neither text nor number)",
      'maxFeeGwei in pot.jsonc must be gwei above 0, such as 200 (is "much")',
    ].sort(),
  );
});

Deno.test("parseConfig() says in the summary how many settings are wrong", () => {
  assert.throws(() => parse({ env: { CHAIN_ID: "x" } }), {
    message: "Cannot use the configuration as 1 setting is wrong",
    hint: "correct each where it stands: on the command line, in the environment or in pot.jsonc",
  });
  assert.throws(() => parse({ env: { CHAIN_ID: "x", POT_CHAIN: "x" } }), {
    message: "Cannot use the configuration as 2 settings are wrong",
  });
});

Deno.test("parseConfig() asks for endpoint and chain id where the chain is evm, also beside other mistakes", () => {
  const rpc = "RPC_URL (or POT_RPC_URLS, or rpcUrls in pot.jsonc) must be given where the chain is evm";
  const id =
    "CHAIN_ID (or POT_NETWORK) must be given where the chain is evm, so that a wrong endpoint is noticed";
  assert.deepEqual(mistakes({ env: { POT_CHAIN: "evm" } }), [rpc, id]);
  assert.deepEqual(mistakes({ env: { RPC_URL: RPC } }), [id]);
  assert.deepEqual(mistakes({ env: { POT_CHAIN: "evm", POT_NETWORK: "polygon" } }), [rpc]);
  assert.deepEqual(mistakes({ env: { POT_CHAIN: "evm", PRIVATE_KEY: "x" } }), [
    "PRIVATE_KEY must be 64 hex characters, with or without 0x",
    rpc,
    id,
  ]);
  // What was given, but wrong, is not also missing.
  assert.deepEqual(mistakes({ env: { POT_CHAIN: "evm", RPC_URL: "x", CHAIN_ID: "y" } }).length, 2);
});

Deno.test("parseConfig() names the successor of a network that was shut down, and only that", () => {
  for (
    const [gone, successor] of [["mumbai", "polygon-amoy (chain id 80002)"], [
      "goerli",
      "sepolia (chain id 11155111)",
    ]]
  ) {
    assert.deepEqual(mistakes({ env: { RPC_URL: RPC, POT_NETWORK: gone } }), [
      `POT_NETWORK: Cannot use the network ${gone} as it was shut down; use ${successor}`,
    ]);
    assert.deepEqual(mistakes({ env: { RPC_URL: RPC }, flags: { network: gone! } }), [
      `--network: Cannot use the network ${gone} as it was shut down; use ${successor}`,
    ]);
  }
  assert.deepEqual(mistakes({ env: { RPC_URL: RPC, CHAIN_ID: "80001" } }), [
    "CHAIN_ID: Cannot use chain id 80001 (mumbai) as it was shut down; use polygon-amoy (chain id 80002)",
  ]);
});

Deno.test("parseConfig() lists the known networks for an unknown one", () => {
  const [fact, ...more] = mistakes({ env: { RPC_URL: RPC }, file: { network: "polygone" } });
  assert.deepEqual(more, []);
  assert.match(fact!, /^network in pot\.jsonc: Cannot use the network "polygone" as there is no preset/);
  assert.match(fact!, /known networks: ethereum, sepolia, polygon, polygon-amoy, .*anvil/);
});

Deno.test("parseConfig() refuses a chain id that is not the network's", () => {
  assert.deepEqual(mistakes({ env: { RPC_URL: RPC, POT_NETWORK: "polygon" }, file: { chainId: 1 } }), [
    "chainId in pot.jsonc must be 137 for the network polygon (is 1)",
  ]);
});

Deno.test("parseConfig() refuses a fallback from nothing", () => {
  assert.deepEqual(mistakes({ file: { chain: "local", fallback: "local" } }), [
    'fallback in pot.jsonc must be "none" where the chain is local already',
  ]);
  // The usual cause: the endpoint's variable was forgotten.
  assert.deepEqual(mistakes({ file: { fallback: "local", network: "polygon" } }), [
    'RPC_URL must be given where fallback in pot.jsonc is "local": there is no chain to fall back from',
  ]);
});

Deno.test("parseConfig() gives a chain without a preset cautious defaults", () => {
  const { evm } = parse({ env: { RPC_URL: RPC, CHAIN_ID: "987654321" } });
  assert.equal(evm?.network, undefined);
  assert.equal(evm?.confirmations, 12);
  assert.equal(evm?.maxFeePerGasWei, 100_000_000_000n);
});

Deno.test("parseConfig() lets settings override a preset", () => {
  const { evm } = parse({
    env: { RPC_URL: RPC, POT_NETWORK: "polygon", POT_MAX_FEE_GWEI: "0.000000001", POT_CONFIRMATIONS: "2" },
  });
  assert.deepEqual([evm?.chainId, evm?.confirmations, evm?.maxFeePerGasWei], [137, 2, 1n]);
});

Deno.test("parseConfig() starts relative folders at the file's, and leaves absolute ones", () => {
  assert.equal(parse({ env: { POT_HOME: "state" } }).home, "/srv/pot/state");
  assert.equal(parse({ file: { home: "../state" } }).home, "/srv/state");
  assert.equal(parse({ env: { POT_HOME: "/var/pot" }, file: { home: "state" } }).home, "/var/pot");
});

Deno.test("parseConfig() keeps the endpoints of a local chain for verification", () => {
  const config = parse({ env: { POT_CHAIN: "local", RPC_URL: RPC, CHAIN_ID: "1" } });
  assert.equal(config.chain, "local");
  assert.deepEqual(config.evm?.rpcUrls, [RPC]);
});

Deno.test("parseConfig() shows no secret in any mistake, wherever it was put by mistake", () => {
  const names = [
    "POT_HOME",
    "POT_ORIGIN",
    "POT_CHAIN",
    "POT_FALLBACK",
    "POT_ANCHORING",
    "POT_NETWORK",
    "CHAIN_ID",
    "RPC_URL",
    "POT_RPC_URLS",
    "CONTRACT_ADDRESS",
    "PRIVATE_KEY",
    "GAS_PRICE_GWEI",
    "POT_MAX_FEE_GWEI",
    "POT_CONFIRMATIONS",
  ];
  const keys = [
    "chain",
    "fallback",
    "network",
    "chainId",
    "rpcUrls",
    "contract",
    "gasPriceGwei",
    "maxFeeGwei",
    "confirmations",
    "privateKey",
    "PRIVATE_KEY",
    "mnemonic",
    "unknown",
  ];
  const planted = [
    KEY,
    KEY.slice(2),
    `${KEY}00`,
    RPC,
    `wss://user:topsecretkey@rpc.example.org/`,
    `${RPC} x`,
  ];
  let refused = 0;
  const check = (sources: Partial<SettingSources>) => {
    try {
      parse(sources);
    } catch (error) {
      refused++;
      const shown = [(error as PotError).message, ...(error as PotError).facts, (error as PotError).hint]
        .join();
      assert.ok(!/4f4f4f4f|topsecretkey/.test(shown), shown);
    }
  };
  for (const secret of planted) {
    for (const name of names) check({ env: { [name]: secret } });
    for (const key of keys) check({ file: { [key]: secret } });
    check({ flags: { network: secret } });
  }
  assert.ok(refused > 100, String(refused));
});

Deno.test("parseConfig() refuses secrets in the file whatever they look like", () => {
  assert.deepEqual(
    mistakes({ file: { privateKey: KEY, PRIVATE_KEY: 1, mnemonic: "x", keyPassphrase: {} } }),
    [
      "privateKey must not stand in pot.jsonc: give secrets in the environment (PRIVATE_KEY)",
      "PRIVATE_KEY must not stand in pot.jsonc: give secrets in the environment (PRIVATE_KEY)",
      "mnemonic must not stand in pot.jsonc: give secrets in the environment (PRIVATE_KEY)",
      "keyPassphrase must not stand in pot.jsonc: give secrets in the environment (PRIVATE_KEY)",
    ],
  );
});

Deno.test("parseConfig() takes how endpoints are asked, and refuses another way", () => {
  const env = { CHAIN_ID: "1", RPC_URL: RPC };
  const evm = parse({ env: { ...env, POT_RPC_SELECTION: "round-robin", POT_RPC_RATE: "25" } }).evm;
  assert.deepEqual([evm?.rpcSelection, evm?.rpcRate], ["round-robin", 25]);
  assert.deepEqual(mistakes({ env: { ...env, POT_RPC_SELECTION: "fastest", POT_RPC_RATE: "0" } }), [
    'POT_RPC_SELECTION must be "health" or "round-robin" (is "fastest")',
    'POT_RPC_RATE must be a whole number from 1: requests a second to each endpoint (is "0")',
  ]);
});
