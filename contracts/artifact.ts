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
      },
      {
        "internalType": "address",
        "name": "oldContract",
        "type": "address"
      }
    ],
    "stateMutability": "nonpayable",
    "type": "constructor"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "successor",
        "type": "address"
      }
    ],
    "name": "AlreadyRetired",
    "type": "error"
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
        "internalType": "address",
        "name": "successor",
        "type": "address"
      }
    ],
    "name": "InvalidSuccessor",
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
        "internalType": "address",
        "name": "caller",
        "type": "address"
      }
    ],
    "name": "NotPendingOwner",
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
        "internalType": "uint64",
        "name": "size",
        "type": "uint64"
      }
    ],
    "name": "SizeTooLarge",
    "type": "error"
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "predecessor",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "codeHash",
        "type": "bytes32"
      }
    ],
    "name": "UnknownPredecessor",
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
        "indexed": true,
        "internalType": "address",
        "name": "successor",
        "type": "address"
      },
      {
        "indexed": false,
        "internalType": "uint256",
        "name": "timestamp",
        "type": "uint256"
      }
    ],
    "name": "ContractRetired",
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
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "previousOwner",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "newOwner",
        "type": "address"
      }
    ],
    "name": "OwnershipTransferStarted",
    "type": "event"
  },
  {
    "anonymous": false,
    "inputs": [
      {
        "indexed": true,
        "internalType": "address",
        "name": "previousOwner",
        "type": "address"
      },
      {
        "indexed": true,
        "internalType": "address",
        "name": "newOwner",
        "type": "address"
      }
    ],
    "name": "OwnershipTransferred",
    "type": "event"
  },
  {
    "inputs": [],
    "name": "acceptOwnership",
    "outputs": [],
    "stateMutability": "nonpayable",
    "type": "function"
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
        "name": "head",
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
    "inputs": [],
    "name": "pendingOwner",
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
    "name": "predecessor",
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
    "inputs": [
      {
        "internalType": "address",
        "name": "newSuccessor",
        "type": "address"
      }
    ],
    "name": "retire",
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
    "inputs": [],
    "name": "successor",
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
  },
  {
    "inputs": [
      {
        "internalType": "address",
        "name": "submitter",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "previous",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "root",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "size",
            "type": "uint64"
          },
          {
            "internalType": "uint256",
            "name": "blockNumber",
            "type": "uint256"
          }
        ],
        "internalType": "struct IProofOfTraining.Head[]",
        "name": "heads",
        "type": "tuple[]"
      }
    ],
    "name": "verifyHead",
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
        "name": "submitter",
        "type": "address"
      },
      {
        "internalType": "bytes32",
        "name": "leafHash",
        "type": "bytes32"
      },
      {
        "internalType": "uint64",
        "name": "index",
        "type": "uint64"
      },
      {
        "internalType": "bytes32[]",
        "name": "path",
        "type": "bytes32[]"
      },
      {
        "internalType": "bytes32",
        "name": "previous",
        "type": "bytes32"
      },
      {
        "components": [
          {
            "internalType": "bytes32",
            "name": "root",
            "type": "bytes32"
          },
          {
            "internalType": "uint64",
            "name": "size",
            "type": "uint64"
          },
          {
            "internalType": "uint256",
            "name": "blockNumber",
            "type": "uint256"
          }
        ],
        "internalType": "struct IProofOfTraining.Head[]",
        "name": "heads",
        "type": "tuple[]"
      }
    ],
    "name": "verifyLeaf",
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
  "0x60803461014457601f61187738819003918201601f19168301916001600160401b0383118484101761014857808492604094855283398101031261014457610052602061004b8361015c565b920161015c565b906001600160a01b03168015610132575f80546001600160a01b031981168317909155916001600160a01b0381169081610096575b60405161170690816101718239f35b803f907f66efb63132cb0c1c75dc1432a2a541730c524d79466fd99aecd7b5bbe9bb99268214159081610118575b506101025750600580546001600160a01b031916919091179055600165ff000000000160a01b031990911617600160c81b175f908155808080610087565b906312acf34f60e11b5f5260045260245260445ffd5b90503b60405181603f19813803018239208114155f6100c4565b63b20f76e360e01b5f5260045260245ffd5b5f80fd5b634e487b7160e01b5f52604160045260245ffd5b51906001600160a01b03821682036101445756fe6080806040526004361015610012575f80fd5b5f3560e01c9081632e7700f014610c9557508063439766ce14610c5f5780635416bcfe14610c345780635c975abb14610c105780636b2fafa9146109c15780636f28ee09146107d05780636ff968c3146107a857806379ba50971461072c5780638da5cb5b146107055780639abd4f36146106e75780639e6371ba146105a5578063a5ea8b18146104a1578063b33712c5146103ba578063b719d03214610392578063db2c4aca14610287578063e0d7a41f14610235578063e30c39781461020d578063f2fde38b146101765763f8146c86146100ed575f80fd5b34610172576040366003190112610172576004356001600160401b0381116101725761012c6101226020923690600401610cf1565b602435929161113e565b909182610161575b82610146575b50506040519015158152f35b839192505f610156600592610f99565b3c5f51145f8061013a565b915061016c82610e3e565b91610134565b5f80fd5b346101725760203660031901126101725761018f610cb7565b5f546001600160a01b031633036101fa576001600160a01b031680156101e857600380546001600160a01b03191682179055337f38d16b8cac22d99fc7c124b9cd0de2d3fa1faef420bfe791d8c362d765e227005f80a3005b63b20f76e360e01b5f5260045260245ffd5b63245aecd360e01b5f523360045260245ffd5b34610172575f366003190112610172576003546040516001600160a01b039091168152602090f35b346101725760603660031901126101725761024e610cb7565b6044356001600160401b0381116101725760209161027361027d923690600401610d1e565b9160243590610e9c565b6040519015158152f35b34610172576040366003190112610172576004356024356001600160401b0381169182820361017257801561038057335f52600160205260405f2054600160ff1b811680911892811561036e575b8360c01c808611156103585750678000000000000000851015610345576102ff90439084866113ab565b17335f52600160205260405f2055604051928352602083015260408201527fd6f0f013808bc2f1d448753205790daee522b8c2904b0d109ec4099b097c8eae60603392a2005b84630dc2e12d60e31b5f5260045260245ffd5b8563cfd88f7d60e01b5f5260045260245260445ffd5b9261037991506112ad565b90926102d5565b63276e15bb60e01b5f5260045260245ffd5b34610172575f366003190112610172576005546040516001600160a01b039091168152602090f35b34610172575f366003190112610172575f546001600160a01b03811633036101fa5760ff8160c01c1615610492576004546001600160a01b031680610480575060ff60c01b19165f5560ff5f5460d01c165f5b818110610442576040514281527f107553d8191d85b405879cf752997865edd48d94e20bda4dd27223c94b31a7cc60203392a2005b5f818152600260209081526040808320546001600160a01b0316835260019182905290912080546001600160ff1b0316600160ff1b1790550161040d565b631935824560e11b5f5260045260245ffd5b6347bd68e160e11b5f5260045ffd5b346101725760c0366003190112610172576104ba610cb7565b6044356001600160401b03811680910361017257606435906001600160401b0382116101725736602383011215610172578160040135926001600160401b038411610172573660248560051b850101116101725760a435926001600160401b0384116101725761053161053f943690600401610d1e565b818196929460843590610e9c565b9384610553575b6020856040519015158152f35b909192935015610591576020936105889360246001600160401b03610579888701610e88565b953595169301906024356111b0565b82808080610546565b634e487b7160e01b5f52603260045260245ffd5b34610172576020366003190112610172576105be610cb7565b5f546001600160a01b03811633036101fa57600454906001600160a01b0382168061048057505f806040516020810190635b8ce81960e11b825260048152610607602482610d4e565b5190865afa503d156106e0573d61061d81610e5d565b9061062b6040519283610d4e565b81523d5f602083013e5b60208151910120604051602081019030825260208152610656604082610d4e565b519020036106c2576001600160a01b03199091166001600160a01b0390921691821760045560c01c60ff16156106b5575b6040514281527f668e236e49969c86838701a0e5dac6227d9881ae97e60065b91654dece0cc81060203392a3005b6106bd610f0f565b610687565b6364b72afd60e11b5f9081526001600160a01b038416600452602490fd5b6060610635565b3461017257602036600319011261017257602061027d600435610e3e565b34610172575f366003190112610172575f546040516001600160a01b039091168152602090f35b34610172575f366003190112610172576003546001600160a01b0381163303610795575f543360018060a01b0382167f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e05f80a36001600160a01b031990811633175f5516600355005b63a09b9a4360e01b5f523360045260245ffd5b34610172575f366003190112610172576004546040516001600160a01b039091168152602090f35b34610172576040366003190112610172576004356001600160401b03811161017257610800903690600401610cf1565b6024356001600160401b0381116101725761081f903690600401610cf1565b5f54929160c084901c60ff166109b257610839838661113e565b90156109785761080083116109655763ffffffff8560a01c1663ffffffff8114610951576001019463ffffffff86169563ffffffff60a01b9060a01b169063ffffffff60a01b1916175f556040516011810193601b8201908186116109515760598301809211610951576048946108af9261158f565b640fffffffff9391934316173360281b17603983015260208201526e61000080600a5f395ff3000000000042603e840160601b1717905201905ff01561093e5760209281604051928392833781015f8152039020604051904282524384830152827fd76d4a80e58a9ff73746bcbff59ff8fdab5d97364f9c112eaff29c7ed915ff0160403394a4604051908152f35b5063bc15980f60e01b5f5260045260245ffd5b634e487b7160e01b5f52601160045260245ffd5b826310940ba160e01b5f5260045260245ffd5b604051633c8e652b60e01b8152602060048201526024810185905260448186808a838501375f828201840152601f01601f19168101030190fd5b63433b05c360e11b5f5260045ffd5b34610172576020366003190112610172576004356109de81610e3e565b15610bfe576109ec90610f99565b5f805260055f601b833c5f51602060055f843c5f519060405191610a11606084610d4e565b60408084523660208501375f5b60408110610ba05750505f805260146025600c853c5f80519080526001600160a01b031660056039601b863c5f5193803b603d1981018181116109515760078760241c16906480000000008816155f14610b8d575f925b8301603d19019384821161095157603e90610aa8610a9287610e5d565b96610aa06040519889610d4e565b808852610e5d565b602087019190601f19013683373c82015f5b828110610b0957505050610ae694610af4640fffffffff9260405197889760a0895260a0890190610ccd565b908782036020890152610ccd565b93604086015216606084015260808301520390f35b7f010101010101010101010101010101010101010101010101010101010101010181840360208110610b7c575b50906020818401015f905f935b8660078610610b59575050602093505201610aba565b8251600783811b82169182188552600188019790031c9093179290910190610b43565b60200360031b90811c901b89610b36565b6007610b998383611131565b0492610a75565b6001600160fe1b0381168103610951578060021b60fc0360fc81116109515782600f911c16906010821015610591578451811015610591576001916f181899199a1a9b1b9c1cb0b131b232b360811b901a8582016020015301610a1e565b63271b966f60e21b5f5260045260245ffd5b34610172575f36600319011261017257602060ff5f5460c01c166040519015158152f35b34610172576020366003190112610172576020610c57610c52610cb7565b610d83565b604051908152f35b34610172575f366003190112610172575f546001600160a01b03811633036101fa5760c01c60ff166109b257610c93610f0f565b005b34610172575f3660031901126101725760209063ffffffff5f5460a01c168152f35b600435906001600160a01b038216820361017257565b805180835260209291819084018484015e5f828201840152601f01601f1916010190565b9181601f84011215610172578235916001600160401b038311610172576020838186019501011161017257565b9181601f84011215610172578235916001600160401b038311610172576020808501946060850201011161017257565b90601f801991011681019081106001600160401b03821117610d6f57604052565b634e487b7160e01b5f52604160045260245ffd5b6001600160a01b03165f818152600160205260409020546001600160ff1b03169190821580610e30575b610db45750565b600554604051632a0b5e7f60e11b8152600481019290925291925090602090829060249082906001600160a01b03165afa908115610e25575f91610df6575090565b90506020813d602011610e1d575b81610e1160209383610d4e565b81010312610172575190565b3d9150610e04565b6040513d5f823e3d90fd5b5060ff5f5460c81c16610dad565b8015159081610e4b575090565b905063ffffffff5f5460a01c16101590565b6001600160401b038111610d6f57601f01601f191660200190565b9190811015610591576060020190565b356001600160401b03811681036101725790565b9290915f905b828210610ec757505015159182610eb857505090565b610ec3919250610d83565b1490565b9092610f07600191610eda868686610e78565b35610ef16020610eeb898989610e78565b01610e88565b906040610eff898989610e78565b0135926113ab565b930190610ea2565b5f805460ff60c01b1916600160c01b1780825560d01c60ff16905b818110610f615750506040514281527f80170b5fcdd2bf1e0660ef4b8851f86685f64d41b1a19de1471947ece8725aac60203392a2565b5f818152600260209081526040808320546001600160a01b0316835260019182905290912080546001600160ff1b0316905501610f2a565b60606080821015610ff457506040516135a560f21b60208201523060601b602282015260f89190911b6001600160f81b031916603682015260178152610fe0603782610d4e565b80516020909101206001600160a01b031690565b61010082101561104957506040516135e560f21b60208201523060601b6022820152608160f81b603682015260f89190911b6001600160f81b031916603782015260188152611044603882610d4e565b610fe0565b6201000082101561109a575060405161362560f21b60208201523060601b6022820152604160f91b603682015260f09190911b6001600160f01b031916603782015260198152611044603982610d4e565b63010000008210156110ec575060405161366560f21b60208201523060601b6022820152608360f81b603682015260e89190911b6001600160e81b0319166037820152601a8152611044603a82610d4e565b6040516136a560f21b60208201523090911b6022820152602160fa1b603682015260e09190911b6001600160e01b0319166037820152601b8152611044603b82610d4e565b9190820391821161095157565b9190916040830361119857826020116101725761117a6020936111618335611405565b9590930135906020601f19820110611185575b50611405565b9117159260801b1790565b60205f199181030160031b1b165f611174565b505f91508190565b91908110156105915760051b0190565b929493919091808310156112a3575f1981019081116109515792945f92915b8184106111ec57505050501591826111e657505090565b14919050565b9092969395869592951561129757600180871614801561128e575b15611268576112259061121f8986859a99979a6111a0565b356116b9565b925b60018116158061125f575b156112445760011c9460011c94611227565b6001909794979691929593965b811c93811c940192916111cf565b50801515611232565b6112886001916112818a8786979a9b98969c999c6111a0565b35906116b9565b96611251565b50868614611207565b50505050925050505f90565b5050505050505f90565b905f549160ff8360c01c166109b25780158061139e575b156113995750600554604051632a0b5e7f60e11b815233600482015290602090829060249082906001600160a01b03165afa908115610e25575f91611367575b505b809260ff8160d01c16916020831461135e575060ff82146109515760ff60d01b19166001820160d01b60ff60d01b16175f90815590815260026020526040902080546001600160a01b03191633179055600160ff1b90565b93505f92915050565b90506020813d602011611391575b8161138260209383610d4e565b8101031261017257515f611304565b3d9150611375565b611306565b5060ff8360c81c166112c4565b909192604051926020840192835260408401526001600160401b03841660608401526080830152608082526113e160a083610d4e565b9051902060c09190911b6001600160c01b0319166001600160c01b03919091161790565b906fffffffffffffffffffffffffffffffff7f01010101010101010101010101010101010101010101010101010101010101018360061c1692836009027f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f821601937f10101010101010101010101010101010101010101010101010101010101010108516917f3030303030303030303030303030303030303030303030303030303030303030827f01010101010101010101010101010101010101010101010101010101010101017f0606060606060606060606060606060606060606060606060606060606060606890160041c161892602702870101181717928060041c177cff000000ff000000ff000000ff000000ff000000ff000000ff000000ff7dff000000ff000000ff000000ff000000ff000000ff000000ff000000ff008260081c169116178060101c1773ffffffff000000000000000000000000ffffffff77ffffffff000000000000000000000000ffffffff000000008260201c169116178060401c171690565b9190925f9180938160031c905f9682848284376115ee575b5050909192939481151590816115e5575b506115c1575050565b816115d6929550647000000000939450611131565b9260241b166480000000001790565b9050155f6115b8565b5f828501526007808516830198908402905f198501601f19165b808b0191838301518091179287600791825b61167d5750505050801561163157601f1901611608565b508596979899507f8080808080808080808080808080808080808080808080808080808080808080915094929394169283611674575b50969594939291966115a7565b37825f80611667565b8051809617957f808080808080808080808080808080808080808080808080808080808080808085851b1617815201905f19019088908261161a565b5f906020926040519084820192600160f81b845260218301526041820152604181526116e6606182610d4e565b604051918291518091835e8101838152039060025afa15610e25575f519056";

/** keccak256 of the code that a deployment leaves on the chain; the same for every owner and every chain. */
export const proofOfTrainingCodeHash: `0x${string}` =
  "0xcaa646903e3ff9b662810dd85784cc585c2b7ff82b1c7be25533ce74dcf8c0a1";

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
