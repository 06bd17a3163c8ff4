import { getAddress, keccak256, toBytes } from "viem/utils";

/**
 * A batch of transactions as the Safe wallet's Transaction Builder takes it: drop the file there, look at it, and let the
 * owners of the Safe sign.
 */
export interface SafeFile {
  readonly version: "1.0";
  /** EIP-155, in decimal. */
  readonly chainId: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
  readonly meta: {
    readonly name: string;
    readonly description: string;
    readonly txBuilderVersion: string;
    /** EIP-55. */
    readonly createdFromSafeAddress: string;
    readonly createdFromOwnerAddress: string;
    /** So that the Transaction Builder can tell a changed file; `0x` and 64 hex characters. */
    readonly checksum: string;
  };
  readonly transactions: readonly SafeTransaction[];
}

/** One call of a {@linkcode SafeFile}. */
export interface SafeTransaction {
  /** EIP-55. */
  readonly to: string;
  /** Wei, in decimal. */
  readonly value: string;
  /** The call data; `null` where `contractMethod` says it. */
  readonly data: string | null;
  readonly contractMethod?: {
    readonly inputs: readonly {
      readonly internalType: string;
      readonly name: string;
      readonly type: string;
    }[];
    readonly name: string;
    readonly payable: boolean;
  };
  readonly contractInputsValues?: Readonly<Record<string, string>>;
}

/** A call that a Safe is to make: by name with its arguments, so that its owners can read it, or as bytes. */
export type SafeCall =
  & { readonly to: `0x${string}` }
  & (
    | { readonly data: `0x${string}` }
    | {
      readonly functionName: string;
      readonly inputs: readonly { readonly name: string; readonly type: string; readonly value: string }[];
    }
  );

/** What a {@linkcode SafeFile} says beside its calls. */
export interface SafeFileOptions {
  readonly chainId: number;
  /** The Safe that is to make the calls. */
  readonly safe: `0x${string}`;
  readonly name: string;
  readonly description: string;
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number;
}

/** The version of the Transaction Builder whose format this is. */
const BUILDER_VERSION = "1.18.2";

/** Puts calls into a file for the Safe wallet's Transaction Builder. */
export function safeFile(calls: readonly SafeCall[], options: SafeFileOptions): SafeFile {
  const { chainId, safe, name, description, createdAtMs } = options;
  const meta = {
    name,
    description,
    txBuilderVersion: BUILDER_VERSION,
    createdFromSafeAddress: getAddress(safe),
    createdFromOwnerAddress: "",
  };
  const file = {
    version: "1.0" as const,
    chainId: String(chainId),
    createdAt: createdAtMs,
    meta,
    transactions: calls.map(toTransaction),
  };
  return { ...file, meta: { ...meta, checksum: safeChecksum(file) } };
}

function toTransaction(call: SafeCall): SafeTransaction {
  const to = getAddress(call.to);
  if ("data" in call) return { to, value: "0", data: call.data };
  const { functionName: name, inputs } = call;
  return {
    to,
    value: "0",
    data: null,
    contractMethod: {
      inputs: inputs.map(({ name, type }) => ({ internalType: type, name, type })),
      name,
      payable: false,
    },
    contractInputsValues: Object.fromEntries(inputs.map(({ name, value }) => [name, value])),
  };
}

/** keccak256 over the file as the Transaction Builder spells it: keys sorted and listed first, the batch's name as null, no checksum. */
export function safeChecksum(file: { readonly meta: Readonly<Record<string, unknown>> }): `0x${string}` {
  const { checksum: _, ...meta } = file.meta;
  return keccak256(toBytes(spell({ ...file, meta: { ...meta, name: null } })));
}

function spell(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spell).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const keys = Object.keys(value).sort();
  const fields = value as Readonly<Record<string, unknown>>;
  return `{${JSON.stringify(keys)}${keys.map((key) => `${spell(fields[key])},`).join("")}}`;
}
