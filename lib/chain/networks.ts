import { UsageError } from "../core/errors.ts";

/** A chain that can be named instead of numbered, with defaults that every setting may override. */
export interface Network {
  /** Lowercase letters, digits and hyphens, such as `polygon-amoy`. */
  readonly name: string;
  /** EIP-155. */
  readonly chainId: number;
  /** Symbol of what gas is paid in; 18 decimals everywhere. */
  readonly currency: string;
  /** Base URL of a block explorer, without a slash at its end; a devnet has none. */
  readonly explorer?: string;
  /** Blocks an anchor must be deep to count as confirmed; 1 is just mined. */
  readonly confirmations: number;
  /** Never pay more than this for a unit of gas: several times what is usual there. */
  readonly maxFeeGwei: number;
  /** Never offer a block's producer more than this on top of the base fee. */
  readonly maxPriorityFeeGwei: number;
  /** Its currency is worth nothing. */
  readonly isTestnet: boolean;
  /** The network to try things out on first; a test network has none. */
  readonly testNetwork?: string;
  /** Where a test network's currency is given away; such pages come and go. */
  readonly faucets?: readonly string[];
  /** When a block can no longer change, for people. */
  readonly finality: string;
}

const ETHEREUM_FINALITY = "finalized after two epochs, about 13 minutes";
const OP_STACK_FINALITY =
  "ordered by one sequencer within 2 seconds, finalized with its batch on the parent chain, about 20 minutes";
const ARBITRUM_FINALITY =
  "ordered by one sequencer within a second, finalized with its batch on the parent chain, about 20 minutes";
const POLYGON_FINALITY = "finalized by milestones, within seconds";

const NETWORKS: readonly Network[] = [
  {
    name: "ethereum",
    chainId: 1,
    currency: "ETH",
    explorer: "https://etherscan.io",
    confirmations: 12,
    maxFeeGwei: 100,
    maxPriorityFeeGwei: 5,
    isTestnet: false,
    testNetwork: "sepolia",
    finality: ETHEREUM_FINALITY,
  },
  {
    name: "sepolia",
    chainId: 11155111,
    currency: "ETH",
    explorer: "https://sepolia.etherscan.io",
    confirmations: 3,
    maxFeeGwei: 100,
    maxPriorityFeeGwei: 5,
    isTestnet: true,
    faucets: [
      "https://cloud.google.com/application/web3/faucet/ethereum/sepolia",
      "https://sepolia-faucet.pk910.de",
    ],
    finality: ETHEREUM_FINALITY,
  },
  {
    name: "polygon",
    chainId: 137,
    currency: "POL",
    explorer: "https://polygonscan.com",
    confirmations: 16,
    maxFeeGwei: 1_000,
    maxPriorityFeeGwei: 200,
    isTestnet: false,
    testNetwork: "polygon-amoy",
    finality: POLYGON_FINALITY,
  },
  {
    name: "polygon-amoy",
    chainId: 80002,
    currency: "POL",
    explorer: "https://amoy.polygonscan.com",
    confirmations: 8,
    maxFeeGwei: 500,
    maxPriorityFeeGwei: 100,
    isTestnet: true,
    faucets: ["https://faucet.polygon.technology", "https://faucets.chain.link/polygon-amoy"],
    finality: POLYGON_FINALITY,
  },
  {
    name: "base",
    chainId: 8453,
    currency: "ETH",
    explorer: "https://basescan.org",
    confirmations: 10,
    maxFeeGwei: 5,
    maxPriorityFeeGwei: 1,
    isTestnet: false,
    testNetwork: "base-sepolia",
    finality: OP_STACK_FINALITY,
  },
  {
    name: "base-sepolia",
    chainId: 84532,
    currency: "ETH",
    explorer: "https://sepolia.basescan.org",
    confirmations: 5,
    maxFeeGwei: 5,
    maxPriorityFeeGwei: 1,
    isTestnet: true,
    faucets: [
      "https://docs.base.org/base-chain/tools/network-faucets",
      "https://faucets.chain.link/base-sepolia",
    ],
    finality: OP_STACK_FINALITY,
  },
  {
    name: "arbitrum-one",
    chainId: 42161,
    currency: "ETH",
    explorer: "https://arbiscan.io",
    confirmations: 20,
    maxFeeGwei: 5,
    maxPriorityFeeGwei: 1,
    isTestnet: false,
    testNetwork: "arbitrum-sepolia",
    finality: ARBITRUM_FINALITY,
  },
  {
    name: "arbitrum-sepolia",
    chainId: 421614,
    currency: "ETH",
    explorer: "https://sepolia.arbiscan.io",
    confirmations: 10,
    maxFeeGwei: 5,
    maxPriorityFeeGwei: 1,
    isTestnet: true,
    faucets: [
      "https://faucets.chain.link/arbitrum-sepolia",
      "https://www.alchemy.com/faucets/arbitrum-sepolia",
    ],
    finality: ARBITRUM_FINALITY,
  },
  {
    name: "optimism",
    chainId: 10,
    currency: "ETH",
    explorer: "https://optimistic.etherscan.io",
    confirmations: 10,
    maxFeeGwei: 5,
    maxPriorityFeeGwei: 1,
    isTestnet: false,
    testNetwork: "optimism-sepolia",
    finality: OP_STACK_FINALITY,
  },
  {
    name: "optimism-sepolia",
    chainId: 11155420,
    currency: "ETH",
    explorer: "https://optimism-sepolia.blockscout.com",
    confirmations: 5,
    maxFeeGwei: 5,
    maxPriorityFeeGwei: 1,
    isTestnet: true,
    faucets: ["https://console.optimism.io/faucet", "https://faucets.chain.link/optimism-sepolia"],
    finality: OP_STACK_FINALITY,
  },
  {
    name: "anvil",
    chainId: 31337,
    currency: "ETH",
    confirmations: 1,
    maxFeeGwei: 100,
    maxPriorityFeeGwei: 5,
    isTestnet: true,
    finality: "a local development chain: gone when it stops",
  },
];

/** A network that no longer exists, and what took its place. */
interface ShutNetwork {
  readonly names: readonly string[];
  readonly chainId: number;
  readonly successor: string;
}

const SHUT_NETWORKS: readonly ShutNetwork[] = [
  { names: ["ropsten"], chainId: 3, successor: "sepolia" },
  { names: ["rinkeby"], chainId: 4, successor: "sepolia" },
  { names: ["goerli", "gorli"], chainId: 5, successor: "sepolia" },
  { names: ["kovan"], chainId: 42, successor: "sepolia" },
  { names: ["holesky"], chainId: 17000, successor: "sepolia" },
  { names: ["mumbai", "polygon-mumbai"], chainId: 80001, successor: "polygon-amoy" },
  { names: ["base-goerli"], chainId: 84531, successor: "base-sepolia" },
  { names: ["arbitrum-rinkeby"], chainId: 421611, successor: "arbitrum-sepolia" },
  { names: ["arbitrum-goerli"], chainId: 421613, successor: "arbitrum-sepolia" },
  { names: ["optimism-kovan"], chainId: 69, successor: "optimism-sepolia" },
  { names: ["optimism-goerli"], chainId: 420, successor: "optimism-sepolia" },
];

/** All presets, main networks and their test networks side by side. */
export function listNetworks(): readonly Network[] {
  return NETWORKS;
}

/**
 * The preset of that name.
 *
 * @throws {UsageError} for an unknown name, listing the known ones, and for a network that was shut down, naming its successor.
 */
export function findNetwork(name: string): Network {
  const network = NETWORKS.find((network) => network.name === name);
  if (network !== undefined) return network;
  const shut = SHUT_NETWORKS.find(({ names }) => names.includes(name));
  if (shut !== undefined) throw shutDown(`the network ${name}`, shut);
  throw new UsageError(`Cannot use the network ${JSON.stringify(name)} as there is no preset of that name`, {
    facts: [`known networks: ${NETWORKS.map((network) => network.name).join(", ")}`],
    hint: "use one of them, or set CHAIN_ID and RPC_URL for any other EVM chain",
  });
}

/** The preset of that chain id, if there is one. Chains without a preset work too. */
export function findNetworkByChainId(chainId: number): Network | undefined {
  return NETWORKS.find((network) => network.chainId === chainId);
}

/**
 * Does nothing, except for the chain id of a network that was shut down.
 *
 * @throws {UsageError} naming that network and its successor.
 */
export function assertNotShutDown(chainId: number): void {
  const shut = SHUT_NETWORKS.find((network) => network.chainId === chainId);
  if (shut !== undefined) throw shutDown(`chain id ${chainId} (${shut.names[0]})`, shut);
}

function shutDown(what: string, { successor }: ShutNetwork): UsageError {
  const { chainId } = findNetwork(successor);
  return new UsageError(`Cannot use ${what} as it was shut down`, {
    hint: `use ${successor} (chain id ${chainId})`,
  });
}
