import assert from "node:assert/strict";
import { toEventSelector, toFunctionSelector } from "viem/utils";
import { proofOfTrainingAbi } from "../../contracts/artifact.ts";

// Every literal below is written by hand from the interface that was asked for, none is computed.

const FUNCTIONS = [
  "0x2e7700f0 getTransactionCount() view → (uint256)",
  "0x439766ce pauseContract() nonpayable → ()",
  "0x5416bcfe anchorHead(address submitter) view → (bytes32)",
  "0x5c975abb paused() view → (bool)",
  "0x6b2fafa9 getHash(uint256 transactionId) view → " +
  "(string hash, string metadata, uint256 timestamp, uint256 blockNumber, address submitter)",
  "0x6f28ee09 storeHash(string hash, string metadata) nonpayable → (uint256 transactionId)",
  "0x8da5cb5b owner() view → (address)",
  "0x9abd4f36 transactionExists(uint256 transactionId) view → (bool)",
  "0xb33712c5 unpauseContract() nonpayable → ()",
  "0xdb2c4aca anchor(bytes32 root, uint64 size) nonpayable → ()",
  "0xf2fde38b transferOwnership(address newOwner) nonpayable → ()",
  "0xf8146c86 verifyHash(string hash, uint256 transactionId) view → (bool)",
];

const EVENTS = [
  "0x107553d8191d85b405879cf752997865edd48d94e20bda4dd27223c94b31a7cc " +
  "ContractUnpaused(address indexed owner, uint256 timestamp)",
  "0x80170b5fcdd2bf1e0660ef4b8851f86685f64d41b1a19de1471947ece8725aac " +
  "ContractPaused(address indexed owner, uint256 timestamp)",
  "0xd6f0f013808bc2f1d448753205790daee522b8c2904b0d109ec4099b097c8eae " +
  "Anchored(address indexed submitter, uint64 size, bytes32 root, bytes32 previous)",
  "0xd76d4a80e58a9ff73746bcbff59ff8fdab5d97364f9c112eaff29c7ed915ff01 " +
  "HashStored(uint256 indexed transactionId, string indexed hashValue, address indexed submitter, " +
  "uint256 timestamp, uint256 blockNumber)",
];

const ERRORS = [
  "InvalidHash(string hash)",
  "InvalidOwner(address owner)",
  "InvalidRoot(bytes32 root)",
  "MetadataTooLong(uint256 length)",
  "NotOwner(address caller)",
  "RecordNotWritten(uint256 transactionId)",
  "SizeNotGrowing(uint64 size, uint64 previousSize)",
  "UnknownTransaction(uint256 transactionId)",
  "WritesNotPaused()",
  "WritesPaused()",
];

interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly indexed?: boolean;
}

function list(parameters: readonly Parameter[]): string {
  const texts = parameters.map(({ type, indexed, name }) =>
    [type, indexed === true ? "indexed" : "", name].filter((word) => word !== "").join(" ")
  );
  return `(${texts.join(", ")})`;
}

Deno.test("proofOfTrainingAbi has the functions that were asked for, and no others", () => {
  const functions = proofOfTrainingAbi.filter((item) => item.type === "function").map((item) =>
    `${toFunctionSelector(item)} ${item.name}${list(item.inputs)} ${item.stateMutability} → ${
      list(item.outputs)
    }`
  );
  assert.deepEqual(functions.sort(), FUNCTIONS);
});

Deno.test("proofOfTrainingAbi has the events that were asked for, and no others", () => {
  const events = proofOfTrainingAbi.filter((item) => item.type === "event").map((item) => {
    assert.equal(item.anonymous, false);
    return `${toEventSelector(item)} ${item.name}${list(item.inputs)}`;
  });
  assert.deepEqual(events.sort(), EVENTS);
});

Deno.test("proofOfTrainingAbi has errors that carry the offending value", () => {
  const errors = proofOfTrainingAbi.filter((item) => item.type === "error").map((item) =>
    `${item.name}${list(item.inputs)}`
  );
  assert.deepEqual(errors.sort(), ERRORS);
});

Deno.test("proofOfTrainingAbi takes no ether and names the owner in its constructor", () => {
  const rest = proofOfTrainingAbi.filter(({ type }) => !["function", "event", "error"].includes(type));
  assert.deepEqual(rest, [{
    inputs: [{ internalType: "address", name: "initialOwner", type: "address" }],
    stateMutability: "nonpayable",
    type: "constructor",
  }]);
});
