// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofOfTraining} from "../IProofOfTraining.sol";

/// @dev The part of Forge's cheatcodes that these tests use.
interface Vm {
    function prank(address sender) external;
    function deal(address account, uint256 wei_) external;
    function warp(uint256 timestamp) external;
    function roll(uint256 blockNumber) external;
    function store(address account, bytes32 slot, bytes32 value) external;
    function load(address account, bytes32 slot) external view returns (bytes32);
    function getNonce(address account) external view returns (uint64);
    function setNonce(address account, uint64 nonce) external;
    function getCode(string calldata artifact) external view returns (bytes memory);
    function mockCallRevert(address callee, bytes calldata data, bytes calldata reason) external;
    function clearMockedCalls() external;
    function record() external;
    function accesses(address account) external view returns (bytes32[] memory reads, bytes32[] memory writes);
    function assume(bool condition) external pure;
    function envOr(string calldata name, string calldata otherwise) external view returns (string memory);
    function envOr(string calldata name, bytes calldata otherwise) external view returns (bytes memory);
    function readLine(string calldata path) external view returns (string memory);
    function closeFile(string calldata path) external;
    function parseBytes(string calldata text) external pure returns (bytes memory);
    function assertTrue(bool condition, string calldata message) external pure;
    function assertFalse(bool condition, string calldata message) external pure;
    function assertEq(uint256 left, uint256 right, string calldata message) external pure;
    function assertEq(bytes32 left, bytes32 right, string calldata message) external pure;
    function assertEq(address left, address right, string calldata message) external pure;
    function assertEq(bytes calldata left, bytes calldata right, string calldata message) external pure;
}

/// @dev Which functions Forge calls in an invariant run.
struct FuzzSelector {
    address target;
    bytes4[] selectors;
}

/// @dev What every test of the contract needs. Nothing here is shared with the contract: a mistake in it would be made
/// twice.
abstract contract PotTest {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address internal constant OWNER = address(0x0a11ce);

    /// @dev The released code where it is given, else what Forge compiles (for coverage). Not imported, so that the tests
    /// need not be compiled by the contract's settings, which takes long.
    bytes private _creation;
    IProofOfTraining internal pot;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(20_000_000);
        _creation = vm.envOr("POT_CREATION", bytes(""));
        if (_creation.length == 0) _creation = vm.getCode("ProofOfTraining.sol:ProofOfTraining");
        pot = deploy(OWNER, address(0));
    }

    function deploy(address owner, address predecessor) internal returns (IProofOfTraining) {
        (address created,) = tryDeploy(owner, predecessor, 0);
        vm.assertTrue(created != address(0), "deployed");
        return IProofOfTraining(created);
    }

    /// @return created Zero where the constructor refused.
    /// @return reason Why.
    function tryDeploy(address owner, address predecessor, uint256 value)
        internal
        returns (address created, bytes memory reason)
    {
        return create(abi.encodePacked(_creation, abi.encode(owner, predecessor)), value);
    }

    function create(bytes memory creation, uint256 value) internal returns (address created, bytes memory reason) {
        assembly {
            created := create(value, add(creation, 32), mload(creation))
        }
        if (created != address(0)) return (created, "");
        assembly {
            reason := mload(0x40)
            mstore(0x40, add(reason, add(returndatasize(), 32)))
            mstore(reason, returndatasize())
            returndatacopy(add(reason, 32), 0, returndatasize())
        }
    }

    /// @dev The contract refuses that call from that account with exactly that error, and nothing was written.
    function refuses(IProofOfTraining target, address from, bytes memory data, bytes memory expected) internal {
        uint64 nonce = vm.getNonce(address(target));
        vm.prank(from);
        (bool isDone, bytes memory answer) = address(target).call(data);
        vm.assertFalse(isDone, "must be refused");
        vm.assertEq(answer, expected, "the error");
        vm.assertEq(vm.getNonce(address(target)), nonce, "nothing created");
    }

    function refuses(address from, bytes memory data, bytes memory expected) internal {
        refuses(pot, from, data, expected);
    }

    function store(address from, bytes memory hash, bytes memory metadata) internal returns (uint256 id) {
        vm.prank(from);
        id = pot.storeHash(string(hash), string(metadata));
    }

    function anchor(IProofOfTraining target, address from, bytes32 root, uint64 size) internal {
        vm.prank(from);
        target.anchor(root, size);
    }

    function assertRecord(uint256 id, bytes32 digest, bytes memory metadata, uint256 time, uint256 block_, address by)
        internal
        view
    {
        (string memory hash, string memory text, uint256 timestamp, uint256 blockNumber, address submitter) =
            pot.getHash(id);
        vm.assertEq(bytes(hash), hexOf(digest), "hash");
        vm.assertEq(bytes(text), metadata, "metadata");
        vm.assertEq(timestamp, time, "timestamp");
        vm.assertEq(blockNumber, block_, "block number");
        vm.assertEq(submitter, by, "submitter");
        vm.assertTrue(pot.transactionExists(id), "exists");
        vm.assertTrue(pot.verifyHash(hash, id), "verifyHash");
    }

    function headAfter(bytes32 previous, bytes32 root, uint64 size, uint256 blockNumber) internal pure returns (bytes32) {
        uint192 link = uint192(uint256(keccak256(abi.encode(previous, root, size, blockNumber))));
        return bytes32(abi.encodePacked(size, link));
    }

    function hexOf(bytes32 digest) internal pure returns (bytes memory text) {
        bytes memory digits = "0123456789abcdef";
        text = new bytes(64);
        for (uint256 i = 0; i < 32; ++i) {
            text[2 * i] = digits[uint8(digest[i]) / 16];
            text[2 * i + 1] = digits[uint8(digest[i]) % 16];
        }
    }

    /// @dev Metadata of three kinds: ASCII, any bytes, and ASCII but for one byte.
    function metadataOf(uint256 seed, uint256 length, uint8 kind) internal pure returns (bytes memory text) {
        bytes memory words = new bytes(length + 32);
        uint256 mask = kind % 3 == 1 ? type(uint256).max : type(uint256).max / 255 * 0x7f;
        for (uint256 start = 0; start < length; start += 32) {
            uint256 word = uint256(keccak256(abi.encode(seed, start))) & mask;
            assembly {
                mstore(add(add(words, 32), start), word)
            }
        }
        assembly {
            mstore(words, length)
        }
        text = words;
        if (kind % 3 == 2 && length > 0) text[seed % length] |= 0x80;
    }

    function bound(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        return value >= least && value <= most ? value : least + value % (most - least + 1);
    }

    function refusal(bytes4 selector, uint256 value) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, value);
    }

    function refusal(bytes4 selector, address value) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, value);
    }

    function paused() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IProofOfTraining.WritesPaused.selector);
    }

    function storeCall(bytes memory hash, bytes memory metadata) internal pure returns (bytes memory) {
        return abi.encodeCall(IProofOfTraining.storeHash, (string(hash), string(metadata)));
    }

    function anchorCall(bytes32 root, uint64 size) internal pure returns (bytes memory) {
        return abi.encodeCall(IProofOfTraining.anchor, (root, size));
    }
}
