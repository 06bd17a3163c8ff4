// Generated from the Solidity sources by `deno task contracts:build`; a test compiles them again and compares.
// deno-fmt-ignore-file

/** ABI of the contract, for viem and any other client. */
export const proofOfTrainingAbi = [
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "initialOwner",
        "type": "address"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "hash",
        "type": "string"
      }
    ],
    "name": "InvalidHash",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "owner",
        "type": "address"
      }
    ],
    "name": "InvalidOwner",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      }
    ],
    "name": "InvalidRoot",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "length",
        "type": "uint256"
      }
    ],
    "name": "MetadataTooLong",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotOwner",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "transactionId",
        "type": "uint256"
      }
    ],
    "name": "RecordNotWritten",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint64",
        "name": "size",
        "type": "uint64"
      },
      {
        "internalType": "uint64",
        "name": "previousSize",
        "type": "uint64"
      }
    ],
    "name": "SizeNotGrowing",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "transactionId",
        "type": "uint256"
      }
    ],
    "name": "UnknownTransaction",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WritesNotPaused",
    "type": "error"
  },
  {
    "inputs": [],
    "name": "WritesPaused",
    "type": "error"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "submitter",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint64",
        "name": "size",
        "type": "uint64"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      },
      {
        "indexed": false,
        "internalType": "bytes32",
        "name": "previous",
        "type": "bytes32"
      }
    ],
    "name": "Anchored",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      }
    ],
    "name": "ContractPaused",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "owner",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      }
    ],
    "name": "ContractUnpaused",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "uint256",
        "name": "transactionId",
        "type": "uint256"
      },
      {
        "indexed": true,
        "internalType": "string",
        "name": "hashValue",
        "type": "string"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "submitter",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "blockNumber",
        "type": "uint256"
      }
    ],
    "name": "HashStored",
    "type": "event"
  },
  {
    "inputs": [
      {
        "internalType": "bytes32",
        "name": "root",
        "type": "bytes32"
      },
      {
        "internalType": "uint64",
        "name": "size",
        "type": "uint64"
      }
    ],
    "name": "anchor",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "submitter",
        "type": "address"
      }
    ],
    "name": "anchorHead",
    "outputs": [
      {
        "internalType": "bytes32",
        "name": "",
        "type": "bytes32"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "transactionId",
        "type": "uint256"
      }
    ],
    "name": "getHash",
    "outputs": [
      {
        "internalType": "string",
        "name": "hash",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "metadata",
        "type": "string"
      },
      {
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      },
      {
        "internalType": "uint256",
        "name": "blockNumber",
        "type": "uint256"
      },
      {
        "internalType": "address",
        "name": "submitter",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "getTransactionCount",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "",
        "type": "uint256"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "owner",
    "outputs": [
      {
        "internalType": "address",
        "name": "",
        "type": "address"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "pauseContract",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "paused",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "hash",
        "type": "string"
      },
      {
        "internalType": "string",
        "name": "metadata",
        "type": "string"
      }
    ],
    "name": "storeHash",
    "outputs": [
      {
        "internalType": "uint256",
        "name": "transactionId",
        "type": "uint256"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "uint256",
        "name": "transactionId",
        "type": "uint256"
      }
    ],
    "name": "transactionExists",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "newOwner",
        "type": "address"
      }
    ],
    "name": "transferOwnership",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [],
    "name": "unpauseContract",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
  },
  {
    "inputs": [
      {
        "internalType": "string",
        "name": "hash",
        "type": "string"
      },
      {
        "internalType": "uint256",
        "name": "transactionId",
        "type": "uint256"
      }
    ],
    "name": "verifyHash",
    "outputs": [
      {
        "internalType": "bool",
        "name": "",
        "type": "bool"
      }
    ],
    "stateMutability": "view",
    "type": "function"
  }
] as const;

/** Creation code; the ABI-encoded owner (32 bytes) follows it in a deployment. */
export const proofOfTrainingBytecode: `0x${string}` =
  "0x608034608657601f610e9338819003918201601f19168301916001600160401b03831184841017608a57808492602094604052833981010312608657516001600160a01b0381169081900360865780156074575f80546001600160a01b031916919091179055604051610df4908161009f8239f35b63b20f76e360e01b5f5260045260245ffd5b5f80fd5b634e487b7160e01b5f52604160045260245ffdfe6080806040526004361015610012575f80fd5b5f3560e01c9081632e7700f0146108ce57508063439766ce146108625780635416bcfe146108265780635c975abb146108025780636b2fafa9146105d95780636f28ee09146103915780638da5cb5b1461036a5780639abd4f3614610342578063b33712c5146102cc578063db2c4aca146101af578063f2fde38b1461013c5763f8146c86146100a0575f80fd5b346101385760403660031901126101385760043567ffffffffffffffff8111610138576100e06100d66020923690600401610914565b6024359291610c08565b909182610127575b826100fa575b50506040519015158152f35b61011f919250610109906109f6565b836001610114610baa565b92828401903c610942565b145f806100ee565b9150610132826109d7565b916100e8565b5f80fd5b34610138576020366003190112610138576004356001600160a01b03811690819003610138575f546001600160a01b038116330361019c578115610189576001600160a01b031916175f55005b5063b20f76e360e01b5f5260045260245ffd5b63245aecd360e01b5f523360045260245ffd5b346101385760403660031901126101385760043560243567ffffffffffffffff8116918282036101385760ff5f5460a01c166102bd5780156102ab57335f52600160205260405f2054918260c01c808511156102955750604051602081018481528360408301528560608301524360808301526080825261023160a0836109a1565b60018060c01b03915190201690335f52600160205267ffffffffffffffff60c01b9060c01b161760405f2055604051928352602083015260408201527fd6f0f013808bc2f1d448753205790daee522b8c2904b0d109ec4099b097c8eae60603392a2005b8463cfd88f7d60e01b5f5260045260245260445ffd5b63276e15bb60e01b5f5260045260245ffd5b63433b05c360e11b5f5260045ffd5b34610138575f366003190112610138575f546001600160a01b038116330361019c5760ff8160a01c16156103335760ff60a01b19165f5560405142815233907f107553d8191d85b405879cf752997865edd48d94e20bda4dd27223c94b31a7cc90602090a2005b6347bd68e160e11b5f5260045ffd5b346101385760203660031901126101385760206103606004356109d7565b6040519015158152f35b34610138575f366003190112610138575f546040516001600160a01b039091168152602090f35b346101385760403660031901126101385760043567ffffffffffffffff8111610138576103c2903690600401610914565b60243567ffffffffffffffff8111610138576103e2903690600401610914565b91905f549260ff8460a01c166102bd576103fc8386610c08565b92901561059f57610800821161058c5763ffffffff8560a81c1663ffffffff8114610578576104ac916001605f92019663ffffffff88169763ffffffff60a81b9060a81b169063ffffffff60a81b1916175f558360405194859260208401975f895260218501523360601b604185015264ffffffffff60d81b4260d81b16605585015264ffffffffff60d81b4360d81b16605a8501528484013781015f838201520301601f1981018352826109a1565b610503602a8251926040519485916020830195606160f81b875261ffff60f01b9060f01b1660218401526680600a5f395ff360c81b60238401525180918484015e81015f838201520301601f1981018452836109a1565b90516001600160a01b03915ff016156105655760209281604051928392833781015f8152039020604051904282524384830152827fd76d4a80e58a9ff73746bcbff59ff8fdab5d97364f9c112eaff29c7ed915ff0160403394a4604051908152f35b5063bc15980f60e01b5f5260045260245ffd5b634e487b7160e01b5f52601160045260245ffd5b506310940ba160e01b5f5260045260245ffd5b604051633c8e652b60e01b8152602060048201526024810185905260448186808a838501375f828201840152601f01601f19168101030190fd5b34610138576020366003190112610138576004356105f6816109d7565b156107f057610604906109f6565b61061d61060f610baa565b60206001818301853c610942565b6040519061062c6060836109a1565b60408083523660208401375f5b6040811061077e57505061064d6014610b8e565b61065a60405191826109a1565b601481526106686014610b8e565b602082019190601f19013683376014602183863c5190516bffffffffffffffffffffffff198116919060148210610759575b50506106b66106a7610bde565b6005603560208301873c610964565b60d81c906106d46106c5610bde565b6005603a60208301883c610964565b60d81c843b603e198101908111610578576107349561074291603f6106f882610b8e565b9261070660405194856109a1565b82845261071283610b8e565b602085019190601f19013683373c60405196879660a0885260a08801906108f0565b9086820360208801526108f0565b926040850152606084015260601c60808301520390f35b6bffffffffffffffffffffffff1960149290920360031b82901b16169050838061069a565b6001600160fe1b0381168103610578578060021b60fc0360fc81116105785782600f911c169060108210156107dc5783518110156107dc576001916f181899199a1a9b1b9c1cb0b131b232b360811b901a8482016020015301610639565b634e487b7160e01b5f52603260045260245ffd5b63271b966f60e21b5f5260045260245ffd5b34610138575f36600319011261013857602060ff5f5460a01c166040519015158152f35b34610138576020366003190112610138576004356001600160a01b03811690819003610138575f526001602052602060405f2054604051908152f35b34610138575f366003190112610138575f546001600160a01b038116330361019c5760ff8160a01c166102bd5760ff60a01b1916600160a01b175f5560405142815233907f80170b5fcdd2bf1e0660ef4b8851f86685f64d41b1a19de1471947ece8725aac90602090a2005b34610138575f3660031901126101385760209063ffffffff5f5460a81c168152f35b805180835260209291819084018484015e5f828201840152601f01601f1916010190565b9181601f840112156101385782359167ffffffffffffffff8311610138576020838186019501011161013857565b602081519101519060208110610956575090565b5f199060200360031b1b1690565b80516020909101516001600160d81b0319811692919060058210610986575050565b6001600160d81b031960059290920360031b82901b16169150565b90601f8019910116810190811067ffffffffffffffff8211176109c357604052565b634e487b7160e01b5f52604160045260245ffd5b80151590816109e4575090565b905063ffffffff5f5460a81c16101590565b60606080821015610a5157506040516135a560f21b60208201523060601b602282015260f89190911b6001600160f81b031916603682015260178152610a3d6037826109a1565b80516020909101206001600160a01b031690565b610100821015610aa657506040516135e560f21b60208201523060601b6022820152608160f81b603682015260f89190911b6001600160f81b031916603782015260188152610aa16038826109a1565b610a3d565b62010000821015610af7575060405161362560f21b60208201523060601b6022820152604160f91b603682015260f09190911b6001600160f01b031916603782015260198152610aa16039826109a1565b6301000000821015610b49575060405161366560f21b60208201523060601b6022820152608360f81b603682015260e89190911b6001600160e81b0319166037820152601a8152610aa1603a826109a1565b6040516136a560f21b60208201523090911b6022820152602160fa1b603682015260e09190911b6001600160e01b0319166037820152601b8152610aa1603b826109a1565b67ffffffffffffffff81116109c357601f01601f191660200190565b610bb46020610b8e565b90610bc260405192836109a1565b6020825281601f19610bd46020610b8e565b0190602036910137565b610be86005610b8e565b90610bf660405192836109a1565b6005825281601f19610bd46005610b8e565b91909160408303610c62578260201161013857610c44602093610c2b8335610c6a565b9590930135906020601f19820110610c4f575b50610c6a565b9117159260801b1790565b60205f199181030160031b1b165f610c3e565b505f91508190565b906fffffffffffffffffffffffffffffffff7f01010101010101010101010101010101010101010101010101010101010101018360061c1692836009027f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f821601937f10101010101010101010101010101010101010101010101010101010101010108516917f3030303030303030303030303030303030303030303030303030303030303030827f01010101010101010101010101010101010101010101010101010101010101017f0606060606060606060606060606060606060606060606060606060606060606890160041c161892602702870101181717928060041c177cff000000ff000000ff000000ff000000ff000000ff000000ff000000ff7dff000000ff000000ff000000ff000000ff000000ff000000ff000000ff008260081c169116178060101c1773ffffffff000000000000000000000000ffffffff77ffffffff000000000000000000000000ffffffff000000008260201c169116178060401c17169056";

/** keccak256 of the code that a deployment leaves on the chain; the same for every owner and every chain. */
export const proofOfTrainingCodeHash: `0x${string}` =
  "0x66efb63132cb0c1c75dc1432a2a541730c524d79466fd99aecd7b5bbe9bb9926";

/** What compiled it: whoever has these settings and the sources gets the same bytes. */
export const proofOfTrainingCompiler: {
  /** Full version of solc. */
  readonly version: string;
  readonly evmVersion: string;
  readonly viaIR: boolean;
  readonly optimizerRuns: number;
  /** `none`: no metadata hash at the end of the code. */
  readonly bytecodeHash: string;
} = {
  version: "0.8.37+commit.f401782d.Emscripten.clang",
  evmVersion: "prague",
  viaIR: true,
  optimizerRuns: 200,
  bytecodeHash: "none",
};
