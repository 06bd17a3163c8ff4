import { readDeployment } from "../chain/deployment_file.ts";
import type { Config } from "./config.ts";

/** The contract's address: the configured one, else the one this installation deployed on that chain. */
export async function resolveContract({ evm, folder }: Config): Promise<`0x${string}` | undefined> {
  if (evm === undefined) return undefined;
  return evm.contract ?? (await readDeployment(folder, evm.chainId))?.contractAddress;
}
