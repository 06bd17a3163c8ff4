import { keccak_256 } from "@noble/hashes/sha3.js";
import { proofOfTrainingBytecode, proofOfTrainingCodeHash } from "../../contracts/artifact.ts";
import { signCheckpointNote } from "../../lib/core/checkpoint_note.ts";
import { encodeRecord } from "../../lib/core/encode_record.ts";
import { UnreachableError } from "../../lib/core/errors.ts";
import { toHex } from "../../lib/core/hex.ts";
import { inclusionPath } from "../../lib/core/merkle/inclusion_path.ts";
import { leafHash } from "../../lib/core/merkle/leaf_hash.ts";
import { merkleRoot } from "../../lib/core/merkle/merkle_root.ts";
import { generateNoteKey, importNoteSigner, type NoteSigner } from "../../lib/core/note_key.ts";
import { RECORD_SCHEMA } from "../../lib/core/record.ts";
import { ANCHORED_TOPIC } from "../../lib/verify/anchored_event.ts";
import type { EvmAnchor, EvmProofAnchor, LocalProofAnchor, Proof } from "../../lib/verify/proof.ts";
import type { RpcEndpoint } from "../../lib/verify/rpc_endpoint.ts";

export const CONTRACT = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
export const SUBMITTER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
export const ORIGIN = "pot/fixture";
export const BLOCK_TIME = 1_800_000_000;
/** Of the artifact in record `i`. */
export const digestOf = (i: number) => i.toString(16).padStart(2, "0").repeat(32);
export const hash32 = (fill: number) => `0x${fill.toString(16).padStart(2, "0").repeat(32)}`;

/** A log of records with its own key, and proofs over it that hold. */
export interface ProofFixture {
  readonly signer: NoteSigner;
  /** Another log's key under the same name. */
  readonly stranger: NoteSigner;
  note(size: number, signer?: NoteSigner): Promise<string>;
  evm(state: EvmProofAnchor["state"], options?: AnchorFixtureOptions): Promise<EvmProofAnchor>;
  local(options?: AnchorFixtureOptions): Promise<LocalProofAnchor>;
  proof(...anchors: Proof["anchors"]): Proof;
  recordBytes(i: number): Uint8Array;
}

export interface AnchorFixtureOptions {
  /** @default all */
  readonly size?: number;
}

export async function createProofFixture({ size = 11, index = 6 } = {}): Promise<ProofFixture> {
  const signer = await importNoteSigner((await generateNoteKey(ORIGIN)).signerKey);
  const stranger = await importNoteSigner((await generateNoteKey(ORIGIN)).signerKey);
  const records = Array.from({ length: size }, (_, i) =>
    encodeRecord({
      schema: RECORD_SCHEMA,
      kind: "checkpoint",
      runId: "run-1",
      step: i,
      artifact: { algorithm: "sha256", digest: digestOf(i), sizeBytes: 10, kind: "file", computed: true },
      recordedAt: "2026-01-31T12:00:00.000Z",
      salt: digestOf(i + 100),
    }));
  const leaves = records.map((bytes) => leafHash(bytes));
  const headAt = (count: number) => ({ size: BigInt(count), root: merkleRoot(leaves.slice(0, count)) });
  const note = (count: number, by = signer) => signCheckpointNote({ ...headAt(count), origin: ORIGIN }, by);
  const head = async (count: number) => ({
    ...headAt(count),
    path: inclusionPath(leaves.slice(0, count), BigInt(index)),
    checkpoint: await note(count),
  });
  return {
    signer,
    stranger,
    note,
    recordBytes: (i) => records[i]!,
    async evm(state, { size: count = size } = {}) {
      const start = { ...await head(count), kind: "evm" as const, state };
      if (state === "pending") return start;
      return {
        ...start,
        chainId: "eip155:31337",
        contract: CONTRACT,
        codeHash: proofOfTrainingCodeHash,
        submitter: SUBMITTER,
        transactionHashes: [hash32(0xa0), hash32(count)],
        inclusion: {
          transactionHash: hash32(count),
          transactionIndex: 3,
          blockNumber: BigInt(1_000 + count),
          blockHash: hash32(0x40 + count),
          blockTime: BLOCK_TIME + count,
          logIndex: 1,
        },
      };
    },
    async local({ size: count = size } = {}) {
      return {
        ...await head(count),
        kind: "local",
        state: "local",
        chainId: `local:${ORIGIN}`,
        transactionId: "6f0e2b9c-1f9e-4d5f-9f61-111111111111",
        submitter: `local:${ORIGIN}`,
        blockNumber: 4n,
        timestamp: BLOCK_TIME,
      };
    },
    proof: (...anchors) => ({
      schema: "pot-proof/1",
      record: records[index]!,
      index: BigInt(index),
      logKeys: [signer.verifierKey],
      anchors,
    }),
  };
}

/** The code that every deployment leaves on the chain: the end of the creation code, found by its hash. */
export function deployedCode(): string {
  const creation = proofOfTrainingBytecode.slice(2);
  for (let at = creation.indexOf("fe"); at >= 0; at = creation.indexOf("fe", at + 1)) {
    const code = creation.slice(at + 2);
    if (at % 2 !== 0) continue;
    if (`0x${toHex(keccak_256(Uint8Array.fromHex(code)))}` === proofOfTrainingCodeHash) return `0x${code}`;
  }
  throw new Error("the creation code does not end with the deployed code");
}

// deno-lint-ignore no-explicit-any
export type Answers = Record<string, any>;

export interface FakeNode extends RpcEndpoint {
  /** Every call, as `method(first parameter)`. */
  readonly calls: string[];
}

export interface FakeNodeOptions {
  readonly name?: string;
  /** Changes what the node answers to a method before it is given out. A thrown error is an endpoint that is down. */
  readonly change?: (method: string, answer: Answers) => unknown;
  /** Number of the newest block. @default 2 000 */
  readonly head?: number;
  readonly code?: string;
}

/** A node on whose chain those anchors really are. */
export function createFakeNode(
  anchors: readonly EvmAnchor[],
  { name = "http://node", change = (_, answer) => answer, head = 2_000, code = deployedCode() }:
    FakeNodeOptions = {},
): FakeNode {
  const calls: string[] = [];
  const quantity = (value: bigint | number) => `0x${value.toString(16)}`;
  const answer = (method: string, [first]: readonly unknown[]): unknown => {
    switch (method) {
      case "eth_chainId":
        return quantity(31337);
      case "eth_blockNumber":
        return quantity(head);
      case "eth_getCode":
        return first === CONTRACT ? code : "0x";
      case "eth_getBlockByNumber": {
        if (first === "finalized") return { number: quantity(head - 64), hash: hash32(1) };
        const found = anchors.find(({ inclusion }) => quantity(inclusion!.blockNumber) === first);
        return found === undefined ? null : {
          number: first,
          hash: found.inclusion!.blockHash,
          timestamp: quantity(found.inclusion!.blockTime),
        };
      }
      case "eth_getTransactionReceipt": {
        const found = anchors.find(({ inclusion }) => inclusion!.transactionHash === first);
        return found === undefined ? null : receiptOf(found);
      }
    }
    throw new UnreachableError(`Cannot ask ${name} as the method is unknown`);
  };
  return {
    name,
    calls,
    request(method, params) {
      calls.push(`${method}(${params[0] ?? ""})`);
      try {
        return Promise.resolve(change(method, structuredClone(answer(method, params)) as Answers));
      } catch (error) {
        return Promise.reject(error);
      }
    },
  };
}

function receiptOf({ inclusion, size, root, submitter, contract }: EvmAnchor): Answers {
  const { transactionHash, transactionIndex, blockHash, blockNumber } = inclusion!;
  const other = { address: hash32(9).slice(0, 42), topics: [], data: "0x" };
  return {
    status: "0x1",
    transactionHash,
    transactionIndex: `0x${transactionIndex.toString(16)}`,
    blockHash,
    blockNumber: `0x${blockNumber.toString(16)}`,
    logs: [other, {
      address: contract!.toLowerCase(),
      topics: [ANCHORED_TOPIC, `0x${submitter!.slice(2).toLowerCase().padStart(64, "0")}`],
      data: `0x${size.toString(16).padStart(64, "0")}${toHex(root)}${"0".repeat(64)}`,
    }],
  };
}
