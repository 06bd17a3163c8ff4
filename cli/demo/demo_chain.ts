import { type Devnet, startDevnet } from "../../lib/chain/devnet.ts";
import { createRpcEndpoint } from "../../lib/chain/rpc_endpoint.ts";
import { PotError } from "../../lib/core/errors.ts";
import type { Config } from "../../lib/runtime/config.ts";
import { deploy } from "../../lib/runtime/deploy.ts";
import { parseConfig } from "../../lib/runtime/parse_config.ts";
import type { RpcEndpoint } from "../../lib/verify/rpc_endpoint.ts";

/** What the demo anchors on. */
export interface DemoChain extends AsyncDisposable {
  readonly config: Config;
  /** To ask when verifying; none with the local ledger. */
  readonly endpoints: readonly RpcEndpoint[];
  /** The account that anchors; none with the local ledger. */
  readonly submitter?: string;
  readonly devnet?: Devnet;
}

export interface DemoChainOptions {
  readonly origin: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A fresh Anvil with a freshly deployed contract; the local ledger where no Anvil runs on this machine. */
export async function openDemoChain(
  folder: string,
  { origin, say, signal }: DemoChainOptions,
): Promise<DemoChain> {
  let devnet: Devnet;
  try {
    devnet = await startDevnet({ signal });
  } catch (error) {
    if (!(error instanceof PotError)) throw error;
    say(`   no local Ethereum node runs here (${error.message}), so the local ledger is used`);
    const config = parseConfig({ folder, env: {}, file: { origin, chain: "local" } });
    return { config, endpoints: [], [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  try {
    const [account] = devnet.accounts;
    const config = parseConfig({
      folder,
      env: { RPC_URL: devnet.rpcUrl, CHAIN_ID: String(devnet.chainId), PRIVATE_KEY: account!.privateKey },
      file: { origin },
    });
    say(`   a fresh Anvil, chain id ${devnet.chainId}: a real Ethereum node on this machine only`);
    const { deployment } = await deploy(config, { signal });
    say(`   ProofOfTraining deployed at ${deployment.contractAddress} for ${deployment.gasUsed} gas`);
    return {
      config,
      endpoints: [createRpcEndpoint(devnet.rpcUrl)],
      submitter: account!.address,
      devnet,
      [Symbol.asyncDispose]: () => devnet[Symbol.asyncDispose](),
    };
  } catch (error) {
    await devnet[Symbol.asyncDispose]();
    throw error;
  }
}
