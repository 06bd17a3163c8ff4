import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import solc from "solc";

/** Everything that decides the bytes besides the sources. */
export const compilerSettings = {
  // Measured: 1 355 000 gas to deploy; 800 runs make it 74 000 more, for 63 less a storeHash and 9 less an anchor.
  optimizer: { enabled: true, runs: 200 },
  viaIR: true,
  evmVersion: "prague",
  // Without these the bytes would depend on comments and file names.
  metadata: { appendCBOR: false, bytecodeHash: "none" },
} as const;

const CONTRACT = "ProofOfTraining";

/** What the compiler makes of one contract. */
export interface CompiledContract {
  /** Contract ABI, sorted as the compiler prints it. */
  readonly abi: readonly unknown[];
  /** Creation code, `0x` and hex; the encoded constructor argument follows it in a deployment. */
  readonly bytecode: string;
  /** Code on the chain after deployment, `0x` and hex. */
  readonly runtimeBytecode: string;
  /** keccak256 of that code, `0x` and hex. */
  readonly codeHash: string;
  /** Full compiler version, commit included. */
  readonly version: string;
}

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, SolcContract>>>>;
}

interface SolcContract {
  readonly abi: readonly unknown[];
  readonly evm: {
    readonly bytecode: { readonly object: string };
    readonly deployedBytecode: { readonly object: string; readonly immutableReferences: object };
  };
}

/**
 * Compiles the contract of this folder.
 *
 * @throws {Error} on any error or warning of the compiler, and on immutables, which would give each deployment a code
 * hash of its own.
 */
export function compileContract(): Promise<CompiledContract> {
  return compileFiles(CONTRACT, [`${CONTRACT}.sol`, `I${CONTRACT}.sol`]);
}

/**
 * Compiles one contract with the settings of ours.
 *
 * @param files paths within this folder; the first one holds the contract
 * @throws {Error} as {@linkcode compileContract}
 */
export async function compileFiles(name: string, files: readonly string[]): Promise<CompiledContract> {
  const sources: Record<string, { content: string }> = {};
  for (const file of files) {
    sources[file] = { content: await Deno.readTextFile(new URL(file, import.meta.url)) };
  }
  const input = {
    language: "Solidity",
    sources,
    settings: {
      ...compilerSettings,
      outputSelection: { "*": { [name]: ["abi", "evm.bytecode.object", "evm.deployedBytecode"] } },
    },
  };
  const { errors = [], contracts }: SolcOutput = JSON.parse(solc.compile(JSON.stringify(input)));
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  const contract = contracts?.[files[0]!]?.[name];
  if (contract === undefined) throw new Error(`the compiler returned no ${name}`);
  const { bytecode, deployedBytecode } = contract.evm;
  if (Object.keys(deployedBytecode.immutableReferences).length > 0) {
    throw new Error(`${name} has immutables, so its code hash would differ from one deployment to the next`);
  }
  return {
    abi: contract.abi,
    bytecode: `0x${bytecode.object}`,
    runtimeBytecode: `0x${deployedBytecode.object}`,
    codeHash: `0x${bytesToHex(keccak_256(hexToBytes(deployedBytecode.object)))}`,
    version: solc.version(),
  };
}
