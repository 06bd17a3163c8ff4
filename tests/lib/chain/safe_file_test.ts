import assert from "node:assert/strict";
import { safeChecksum, safeFile } from "../../../lib/chain/safe_file.ts";

/** The Transaction Builder's own vector (safe-global/safe-react-apps, apps/tx-builder/src/lib/checksum.test.js). */
const VECTOR = {
  version: "1.0",
  chainId: "4",
  createdAt: 1646321521061,
  meta: {
    name: "test batch file",
    txBuilderVersion: "1.4.0",
    checksum: "",
    createdFromSafeAddress: "0xDF8a1Ce35c9a6ACE153B4e0767942f1E2291a1Aa",
    createdFromOwnerAddress: "0x49d4450977E2c95362C13D3a31a09311E0Ea26A6",
  },
  transactions: [
    {
      to: "0x49d4450977E2c95362C13D3a31a09311E0Ea26A6",
      value: "0",
      contractMethod: {
        inputs: [{ internalType: "address", name: "paramAddress", type: "address" }],
        name: "testAddress",
        payable: false,
      },
      contractInputsValues: { paramAddress: "0x49d4450977E2c95362C13D3a31a09311E0Ea26A6" },
    },
    {
      to: "0x49d4450977E2c95362C13D3a31a09311E0Ea26A6",
      value: "0",
      contractMethod: {
        inputs: [{ internalType: "bool", name: "paramBool", type: "bool" }],
        name: "testBool",
        payable: false,
      },
      contractInputsValues: { paramAddress: "", paramBool: "false" },
    },
    {
      to: "0x49d4450977E2c95362C13D3a31a09311E0Ea26A6",
      value: "2000000000000000000",
      data: "0x42f4579000000000000000000000000049d4450977e2c95362c13d3a31a09311e0ea26a6",
    },
  ],
};

const SAFE = "0xa77de01e157f9f57c7c4a326eee9c4874d0598b6";
const CONTRACT = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

Deno.test("safeChecksum() is the Transaction Builder's own", () => {
  assert.equal(safeChecksum(VECTOR), "0x86c81826dbf7e8a37612153294cc85fdf5c81998dd0a44b86d945502a7eace7c");
  const reversed = { ...VECTOR, transactions: VECTOR.transactions.toReversed() };
  assert.notEqual(safeChecksum(reversed), safeChecksum(VECTOR));
});

Deno.test("safeFile() writes calls so that people can read them, with a checksum that holds", () => {
  const file = safeFile([
    { to: CONTRACT, functionName: "pauseContract", inputs: [] },
    {
      to: CONTRACT,
      functionName: "retire",
      inputs: [{ name: "successor", type: "address", value: SAFE }],
    },
    { to: CONTRACT, data: "0x1234" },
  ], {
    chainId: 137,
    safe: SAFE,
    name: "Pause",
    description: "Stops writes.",
    createdAtMs: 1_763_000_000_000,
  });
  const { checksum, ...meta } = file.meta;
  assert.deepEqual({ ...file, meta }, {
    version: "1.0",
    chainId: "137",
    createdAt: 1_763_000_000_000,
    meta: {
      name: "Pause",
      description: "Stops writes.",
      txBuilderVersion: "1.18.2",
      createdFromSafeAddress: "0xA77DE01e157f9f57C7c4A326eeE9C4874D0598b6",
      createdFromOwnerAddress: "",
    },
    transactions: [
      {
        to: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        value: "0",
        data: null,
        contractMethod: { inputs: [], name: "pauseContract", payable: false },
        contractInputsValues: {},
      },
      {
        to: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        value: "0",
        data: null,
        contractMethod: {
          inputs: [{ internalType: "address", name: "successor", type: "address" }],
          name: "retire",
          payable: false,
        },
        contractInputsValues: { successor: SAFE },
      },
      { to: "0x5FbDB2315678afecb367f032d93F642f64180aa3", value: "0", data: "0x1234" },
    ],
  });
  // As the Transaction Builder checks it, over what it read.
  assert.equal(checksum, safeChecksum(JSON.parse(JSON.stringify(file))));
});
