import assert from "node:assert/strict";
import { toEventSelector, toFunctionSelector } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";

// Every literal below is written by hand from the interface that was asked for, none is computed.

/** What the contract has beside the original interface. */
const NEW_FUNCTIONS = [
  "0xb719d032 predecessor() view → (address)",
  "0x5416bcfe anchorHead(address submitter) view → (bytes32)",
  "0x5c975abb paused() view → (bool)",
  "0x6ff968c3 successor() view → (address)",
  "0x79ba5097 acceptOwnership() nonpayable → ()",
  "0x8da5cb5b owner() view → (address)",
  "0x9e6371ba retire(address newSuccessor) nonpayable → ()",
  "0xa5ea8b18 verifyLeaf(address submitter, bytes32 leafHash, uint64 index, bytes32[] path, bytes32 previous, " +
  "(bytes32 root, uint64 size, uint256 blockNumber)[] heads) view → (bool)",
  "0xe0d7a41f verifyHead(address submitter, bytes32 previous, " +
  "(bytes32 root, uint64 size, uint256 blockNumber)[] heads) view → (bool)",
  "0xdb2c4aca anchor(bytes32 root, uint64 size) nonpayable → ()",
  "0xe30c3978 pendingOwner() view → (address)",
];

const NEW_EVENTS = [
  "0x38d16b8cac22d99fc7c124b9cd0de2d3fa1faef420bfe791d8c362d765e22700 " +
  "OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner)",
  "0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0 " +
  "OwnershipTransferred(address indexed previousOwner, address indexed newOwner)",
  "0x668e236e49969c86838701a0e5dac6227d9881ae97e60065b91654dece0cc810 ContractRetired(address indexed owner, address indexed successor, uint256 timestamp)",
  "0xd6f0f013808bc2f1d448753205790daee522b8c2904b0d109ec4099b097c8eae " +
  "Anchored(address indexed submitter, uint64 size, bytes32 root, bytes32 previous)",
];

const ERRORS = [
  "AlreadyRetired(address successor)",
  "InvalidHash(string hash)",
  "InvalidOwner(address owner)",
  "InvalidRoot(bytes32 root)",
  "InvalidSuccessor(address successor)",
  "MetadataTooLong(uint256 length)",
  "NotOwner(address caller)",
  "NotPendingOwner(address caller)",
  "RecordNotWritten(uint256 transactionId)",
  "SizeNotGrowing(uint64 size, uint64 previousSize)",
  "SizeTooLarge(uint64 size)",
  "UnknownPredecessor(address predecessor, bytes32 codeHash)",
  "UnknownTransaction(uint256 transactionId)",
  "WritesNotPaused()",
  "WritesPaused()",
];

const original: {
  readonly functions: readonly Record<"signature" | "mutability" | "returns" | "selector", string>[];
  readonly events: readonly Record<"signature" | "parameters" | "topic", string>[];
} = JSON.parse(await Deno.readTextFile(new URL("../vectors/original_interface.json", import.meta.url)));

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly indexed?: boolean;
  readonly components?: readonly Parameter[];
}

/** With names, as a person reads them. */
function list(parameters: readonly Parameter[]): string {
  const texts = parameters.map(({ type, indexed, name, components }) => {
    const shown = components === undefined ? type : type.replace("tuple", list(components));
    return [shown, indexed === true ? "indexed" : "", name].filter((word) => word !== "").join(" ");
  });
  return `(${texts.join(", ")})`;
}

/** Without names, as selectors are computed. */
function types(parameters: readonly Parameter[]): string {
  return `(${parameters.map(({ type }) => type).join(",")})`;
}

const functions = proofOfTrainingAbi.filter((item) => item.type === "function");
const events = proofOfTrainingAbi.filter((item) => item.type === "event");
const isOriginal = ({ name }: { readonly name: string }) =>
  [...original.functions, ...original.events].some(({ signature }) => signature.startsWith(`${name}(`));

Deno.test("proofOfTrainingAbi keeps every function of the original interface as it was", () => {
  const kept = functions.filter(isOriginal).map((item) => ({
    signature: `${item.name}${types(item.inputs)}`,
    mutability: item.stateMutability,
    returns: types(item.outputs),
    selector: toFunctionSelector(item),
  }));
  const byName = (a: { signature: string }, b: { signature: string }) => a.signature < b.signature ? -1 : 1;
  assert.deepEqual(kept.sort(byName), [...original.functions].sort(byName));
});

Deno.test("proofOfTrainingAbi keeps every event of the original interface as it was", () => {
  const kept = events.filter(isOriginal).map((item) => ({
    signature: `${item.name}${types(item.inputs)}`,
    parameters: list(item.inputs),
    topic: toEventSelector(item),
  }));
  const byName = (a: { signature: string }, b: { signature: string }) => a.signature < b.signature ? -1 : 1;
  assert.deepEqual(kept.sort(byName), [...original.events].sort(byName));
});

Deno.test("proofOfTrainingAbi has these functions and events beside the original's, and no others", () => {
  const newFunctions = functions.filter((item) => !isOriginal(item)).map((item) =>
    `${toFunctionSelector(item)} ${item.name}${list(item.inputs)} ${item.stateMutability} → ${
      types(item.outputs)
    }`
  );
  assert.deepEqual(newFunctions.sort(), NEW_FUNCTIONS.toSorted());
  const newEvents = events.filter((item) => !isOriginal(item)).map((item) =>
    `${toEventSelector(item)} ${item.name}${list(item.inputs)}`
  );
  assert.deepEqual(newEvents.sort(), NEW_EVENTS.toSorted());
  assert.ok(events.every(({ anonymous }) => !anonymous));
});

Deno.test("proofOfTrainingAbi has errors that carry the offending value", () => {
  const errors = proofOfTrainingAbi.filter((item) => item.type === "error").map((item) =>
    `${item.name}${list(item.inputs)}`
  );
  assert.deepEqual(errors.sort(), ERRORS);
});

Deno.test("proofOfTrainingAbi takes no ether; its constructor names owner and predecessor", () => {
  const rest = proofOfTrainingAbi.filter(({ type }) => !["function", "event", "error"].includes(type));
  assert.deepEqual(rest, [{
    inputs: [
      { internalType: "address", name: "initialOwner", type: "address" },
      { internalType: "address", name: "oldContract", type: "address" },
    ],
    stateMutability: "nonpayable",
    type: "constructor",
  }]);
});
