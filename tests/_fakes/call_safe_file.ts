import { encodeFunctionData } from "viem/utils";
import type { Devnet } from "../../lib/chain/devnet.ts";
import { safeChecksum, type SafeFile } from "../../lib/chain/safe_file.ts";

/**
 * What a Safe does with a Transaction Builder file once its owners have signed: checks it, and makes its calls from the Safe's
 * address, encoded from nothing but what the file says.
 */
export async function callSafeFile(devnet: Devnet, file: SafeFile): Promise<void> {
  if (file.chainId !== String(devnet.chainId)) throw new Error("the file is for another chain");
  if (file.meta.checksum !== safeChecksum(file)) throw new Error("the file was changed");
  const from = file.meta.createdFromSafeAddress;
  await devnet.request("anvil_impersonateAccount", [from]);
  await devnet.request("anvil_setBalance", [from, "0xde0b6b3a7640000"]);
  for (const { to, value, data, contractMethod, contractInputsValues = {} } of file.transactions) {
    const input = data ?? encodeFunctionData(
      {
        abi: [{ ...contractMethod!, type: "function", stateMutability: "nonpayable", outputs: [] }],
        args: contractMethod!.inputs.map(({ name }) => contractInputsValues[name]),
      } as unknown as Parameters<typeof encodeFunctionData>[0],
    );
    const transaction = { from, to, value: `0x${BigInt(value).toString(16)}`, data: input };
    await devnet.request("eth_sendTransaction", [transaction]);
    await devnet.request("evm_mine");
  }
  await devnet.request("anvil_stopImpersonatingAccount", [from]);
}
