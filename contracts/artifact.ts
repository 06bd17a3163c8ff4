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

/** Creation code; the ABI-encoded owner and predecessor (32 bytes each, zero for none) follow it in a deployment. */
export const proofOfTrainingBytecode: `0x${string}` =
  "0x6080346100ff57601f61184c38819003918201601f19168301916001600160401b038311848410176101035780849260409485528339810103126100ff57610052602061004b83610117565b9201610117565b906001600160a01b031680156100ed575f80546001600160a01b031981168317909155916001600160a01b0381169081610096575b604051611720908161012c8239f35b803b156100d65750600580546001600160a01b031916919091179055600165ff000000000160a01b031990911617600160c81b175f908155808080610087565b3f906312acf34f60e11b5f5260045260245260445ffd5b63b20f76e360e01b5f5260045260245ffd5b5f80fd5b634e487b7160e01b5f52604160045260245ffd5b51906001600160a01b03821682036100ff5756fe6080806040526004361015610012575f80fd5b5f3560e01c9081632e7700f014610e3a57508063439766ce14610e045780635416bcfe14610dd95780635c975abb14610db55780636b2fafa914610b615780636f28ee09146107fb5780636ff968c3146107d357806379ba5097146107575780638da5cb5b146107305780639abd4f36146107125780639e6371ba146105bc578063a5ea8b18146104b8578063b33712c5146103d1578063b719d032146103a9578063db2c4aca14610287578063e0d7a41f14610235578063e30c39781461020d578063f2fde38b146101765763f8146c86146100ed575f80fd5b34610172576040366003190112610172576004356001600160401b0381116101725761012c6101226020923690600401610e96565b6024359291611367565b909182610161575b82610146575b50506040519015158152f35b839192505f6101566005926111cf565b3c5f51145f8061013a565b915061016c82610f41565b91610134565b5f80fd5b346101725760203660031901126101725761018f610e5c565b5f546001600160a01b031633036101fa576001600160a01b031680156101e857600380546001600160a01b03191682179055337f38d16b8cac22d99fc7c124b9cd0de2d3fa1faef420bfe791d8c362d765e227005f80a3005b63b20f76e360e01b5f5260045260245ffd5b63245aecd360e01b5f523360045260245ffd5b34610172575f366003190112610172576003546040516001600160a01b039091168152602090f35b346101725760603660031901126101725761024e610e5c565b6044356001600160401b0381116101725760209161027361027d923690600401610ec3565b9160243590610fd4565b6040519015158152f35b34610172576040366003190112610172576004356024356001600160401b0381169182820361017257801561039757335f52600160205260405f208054600160ff1b8116809118938115610385575b8460c01c8087111561036f575067800000000000000086101561035c576040805186815260208101869052908101829052436060820152608090206001600160c01b031660c09190911b17179055604051928352602083015260408201527fd6f0f013808bc2f1d448753205790daee522b8c2904b0d109ec4099b097c8eae60603392a2005b85630dc2e12d60e31b5f5260045260245ffd5b8663cfd88f7d60e01b5f5260045260245260445ffd5b9361039091506114d6565b90936102d6565b63276e15bb60e01b5f5260045260245ffd5b34610172575f366003190112610172576005546040516001600160a01b039091168152602090f35b34610172575f366003190112610172575f546001600160a01b03811633036101fa5760ff8160c01c16156104a9576004546001600160a01b031680610497575060ff60c01b19165f5560ff5f5460d01c165f5b818110610459576040514281527f107553d8191d85b405879cf752997865edd48d94e20bda4dd27223c94b31a7cc60203392a2005b5f818152600260209081526040808320546001600160a01b0316835260019182905290912080546001600160ff1b0316600160ff1b17905501610424565b631935824560e11b5f5260045260245ffd5b6347bd68e160e11b5f5260045ffd5b346101725760c0366003190112610172576104d1610e5c565b6044356001600160401b03811680910361017257606435906001600160401b0382116101725736602383011215610172578160040135926001600160401b038411610172573660248560051b850101116101725760a435926001600160401b03841161017257610548610556943690600401610ec3565b818196929460843590610fd4565b938461056a575b6020856040519015158152f35b9091929350156105a85760209361059f9360246001600160401b03610590888701610fc0565b953595169301906024356113d9565b8280808061055d565b634e487b7160e01b5f52603260045260245ffd5b34610172576020366003190112610172576105d5610e5c565b5f546001600160a01b03811633036101fa57600454906001600160a01b0382168061049757505f806040516020810190635b8ce81960e11b82526004815261061e602482610f60565b5190865afa3d1561070a573d9061063482610f95565b916106426040519384610f60565b82523d5f602084013e5b159081156106dc575b506106be576001600160a01b03199091166001600160a01b0390921691821760045560c01c60ff16156106b1575b6040514281527f668e236e49969c86838701a0e5dac6227d9881ae97e60065b91654dece0cc81060203392a3005b6106b961106f565b610683565b6364b72afd60e11b5f9081526001600160a01b038416600452602490fd5b9050602081519101206040516020810190308252602081526106ff604082610f60565b519020141584610655565b60609061064c565b3461017257602036600319011261017257602061027d600435610f41565b34610172575f366003190112610172575f546040516001600160a01b039091168152602090f35b34610172575f366003190112610172576003546001600160a01b03811633036107c0575f543360018060a01b0382167f8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e05f80a36001600160a01b031990811633175f5516600355005b63a09b9a4360e01b5f523360045260245ffd5b34610172575f366003190112610172576004546040516001600160a01b039091168152602090f35b34610172576040366003190112610172576004356001600160401b0381116101725761082b903690600401610e96565b6024356001600160401b0381116101725761084a903690600401610e96565b91905f549260ff8460c01c16610b52576108648386611367565b9015610b18576108008211610b055763ffffffff8560a01c1663ffffffff8114610af1576001019463ffffffff60a01b8660a01b169063ffffffff60a01b1916175f5560405192601b8401806011860111610af1576059850110610af1575f908380826059880137601f811161098e575b5050640fffffffff4316173360281b17603984015260208301526e61000080600a5f395ff3000000000042603e830160601b17178252604801906011015ff0156109755760209281604051928392833781015f815203902060405190428252438483015233917fd76d4a80e58a9ff73746bcbff59ff8fdab5d97364f9c112eaff29c7ed915ff01604063ffffffff861692a463ffffffff60405191168152f35b63ffffffff8263bc15980f60e01b5f521660045260245ffd5b5f5f60598389010152601f19601f8360031c0116805b610a1157509160119593917f808080808080808080808080808080808080808080808080808080808080808060489694165f146109ee5750839060598801375b91938193506108d5565b935050506470000000008260241b1664800000000017918060031c9003916109e4565b603960078085168a018301600386811c838102830185015185840180519582901b7f808080808080808080808080808080808080808080808080808080808080808090811687179091529382018087018051600684901b871681179091529083018088018051600585901b881681179091529084018089018051600486901b89168117909152908501808a0180519786901b8916881790528501808a018051600287901b8a16811790915295019098018051600185901b90971687179052919098179094179096179092179092171790921790911790601f1901806109a4565b634e487b7160e01b5f52601160045260245ffd5b506310940ba160e01b5f5260045260245ffd5b604051633c8e652b60e01b8152602060048201526024810185905260448186808a838501375f828201840152601f01601f19168101030190fd5b63433b05c360e11b5f5260045ffd5b3461017257602036600319011261017257600435610b7e81610f41565b15610da357610b8c906111cf565b5f805260055f601b833c5f51602060055f843c5f519060405191610bb1606084610f60565b60408084523660208501375f5b60408110610d455750505f805260146025600c853c5f80519080526001600160a01b031660056039601b863c5f5193803b603d198101818111610af15760078760241c16906480000000008816155f14610d2d575f925b8301603d190193848211610af157603e90610c48610c3287610f95565b96610c406040519889610f60565b808852610f95565b602087019190601f19013683373c82015f5b828110610ca957505050610c8694610c94640fffffffff9260405197889760a0895260a0890190610e72565b908782036020890152610e72565b93604086015216606084015260808301520390f35b7f010101010101010101010101010101010101010101010101010101010101010181840360208110610d1c575b50906020818401015f905f935b8660078610610cf9575050602093505201610c5a565b8251600783811b82169182188552600188019790031c9093179290910190610ce3565b60200360031b90811c901b89610cd6565b818303603d1901818111610af1576007900492610c15565b6001600160fe1b0381168103610af1578060021b60fc0360fc8111610af15782600f911c169060108210156105a85784518110156105a8576001916f181899199a1a9b1b9c1cb0b131b232b360811b901a8582016020015301610bbe565b63271b966f60e21b5f5260045260245ffd5b34610172575f36600319011261017257602060ff5f5460c01c166040519015158152f35b34610172576020366003190112610172576020610dfc610df7610e5c565b610ef3565b604051908152f35b34610172575f366003190112610172575f546001600160a01b03811633036101fa5760c01c60ff16610b5257610e3861106f565b005b34610172575f3660031901126101725760209063ffffffff5f5460a01c168152f35b600435906001600160a01b038216820361017257565b805180835260209291819084018484015e5f828201840152601f01601f1916010190565b9181601f84011215610172578235916001600160401b038311610172576020838186019501011161017257565b9181601f84011215610172578235916001600160401b038311610172576020808501946060850201011161017257565b6001600160a01b0381165f908152600160205260409020546001600160ff1b03169190821580610f33575b610f255750565b610f309192506110f9565b90565b5060ff5f5460c81c16610f1e565b8015159081610f4e575090565b905063ffffffff5f5460a01c16101590565b90601f801991011681019081106001600160401b03821117610f8157604052565b634e487b7160e01b5f52604160045260245ffd5b6001600160401b038111610f8157601f01601f191660200190565b91908110156105a8576060020190565b356001600160401b03811681036101725790565b9290915f905b828210610fff57505015159182610ff057505090565b610ffb919250610ef3565b1490565b9092611067600191611012868686610fb0565b356110296020611023898989610fb0565b01610fc0565b906040611037898989610fb0565b01359291929060405192835260208301528260408301526060820152608060018060c01b039120169060c01b1790565b930190610fda565b5f805460ff60c01b1916600160c01b1780825560d01c60ff16905b8181106110c15750506040514281527f80170b5fcdd2bf1e0660ef4b8851f86685f64d41b1a19de1471947ece8725aac60203392a2565b5f818152600260209081526040808320546001600160a01b0316835260019182905290912080546001600160ff1b031690550161108a565b6005546001600160a01b031690303f823f1415806111a4575b61118b57604051632a0b5e7f60e11b81526001600160a01b03909116600482015290602090829060249082905afa908115611180575f91611151575090565b90506020813d602011611178575b8161116c60209383610f60565b81010312610172575190565b3d915061115f565b6040513d5f823e3d90fd5b50803f906312acf34f60e11b5f5260045260245260445ffd5b507f66efb63132cb0c1c75dc1432a2a541730c524d79466fd99aecd7b5bbe9bb9926823f1415611112565b6060608082101561122a57506040516135a560f21b60208201523060601b602282015260f89190911b6001600160f81b031916603682015260178152611216603782610f60565b80516020909101206001600160a01b031690565b61010082101561127f57506040516135e560f21b60208201523060601b6022820152608160f81b603682015260f89190911b6001600160f81b03191660378201526018815261127a603882610f60565b611216565b620100008210156112d0575060405161362560f21b60208201523060601b6022820152604160f91b603682015260f09190911b6001600160f01b03191660378201526019815261127a603982610f60565b6301000000821015611322575060405161366560f21b60208201523060601b6022820152608360f81b603682015260e89190911b6001600160e81b0319166037820152601a815261127a603a82610f60565b6040516136a560f21b60208201523090911b6022820152602160fa1b603682015260e09190911b6001600160e01b0319166037820152601b815261127a603b82610f60565b919091604083036113c15782602011610172576113a360209361138a833561156f565b9590930135906020601f198201106113ae575b5061156f565b9117159260801b1790565b60205f199181030160031b1b165f61139d565b505f91508190565b91908110156105a85760051b0190565b929493919091808310156114cc575f198101908111610af15792945f92915b818410611415575050505015918261140f57505090565b14919050565b909296939586959295156114c05760018087161480156114b7575b156114915761144e906114488986859a99979a6113c9565b356116f9565b925b600181161580611488575b1561146d5760011c9460011c94611450565b6001909794979691929593965b811c93811c940192916113f8565b5080151561145b565b6114b16001916114aa8a8786979a9b98969c999c6113c9565b35906116f9565b9661147a565b50868614611430565b50505050925050505f90565b5050505050505f90565b905f549160ff8360c01c16610b5257801580611562575b1561155d57506114fc336110f9565b809260ff8160d01c169160648314611554575060ff8214610af15760ff60d01b19166001820160d01b60ff60d01b16175f90815590815260026020526040902080546001600160a01b03191633179055600160ff1b90565b93505f92915050565b6114fc565b5060ff8360c81c166114ed565b906fffffffffffffffffffffffffffffffff7f01010101010101010101010101010101010101010101010101010101010101018360061c1692836009027f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f821601937f10101010101010101010101010101010101010101010101010101010101010108516917f3030303030303030303030303030303030303030303030303030303030303030827f01010101010101010101010101010101010101010101010101010101010101017f0606060606060606060606060606060606060606060606060606060606060606890160041c161892602702870101181717928060041c177cff000000ff000000ff000000ff000000ff000000ff000000ff000000ff7dff000000ff000000ff000000ff000000ff000000ff000000ff000000ff008260081c169116178060101c1773ffffffff000000000000000000000000ffffffff77ffffffff000000000000000000000000ffffffff000000008260201c169116178060401c171690565b60415f9160209360405191600183536001830152602182015260025afa15610172575f519056";

/** The code that a deployment leaves on the chain: the end of the creation code. */
export const proofOfTrainingDeployedBytecode: `0x${string}` = `0x${
  proofOfTrainingBytecode.slice(-11840)
}`;

/** keccak256 of that code; the same for every owner and every chain. */
export const proofOfTrainingCodeHash: `0x${string}` =
  "0x99992e029693a61fd8889c8b427b70743bcb3182d83407ebe26229d88471111b";

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
