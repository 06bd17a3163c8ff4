// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofOfTraining} from "../IProofOfTraining.sol";
import {PotTest} from "./PotTest.sol";

contract RecordsTest is PotTest {
    /// @dev `_count` stands above the owner in slot 0.
    uint256 private constant COUNT_UNIT = 1 << 160;

    function testFuzz_aRecordIsReadBackAsItWasWritten(
        bytes32 digest,
        uint256 seed,
        uint256 length,
        uint8 kind,
        address submitter,
        uint256 time,
        uint256 blockNumber
    ) public {
        time = bound(time, 0, type(uint32).max);
        blockNumber = bound(blockNumber, 0, type(uint32).max);
        bytes memory metadata = metadataOf(seed, bound(length, 0, 2048), kind);
        vm.warp(time);
        vm.roll(blockNumber);
        vm.assertEq(store(submitter, hexOf(digest), metadata), 1, "id");
        assertRecord(1, digest, metadata, time, blockNumber, submitter);

        // Another one, later and by somebody else, changes nothing in it.
        vm.warp(time + 12);
        vm.roll(blockNumber + 1);
        bytes32 other = keccak256(abi.encode(digest));
        vm.assertEq(store(address(this), hexOf(other), ""), 2, "next id");
        assertRecord(1, digest, metadata, time, blockNumber, submitter);
        assertRecord(2, other, "", time + 12, blockNumber + 1, address(this));
        vm.assertFalse(pot.verifyHash(string(hexOf(other)), 1), "another record's hash");
    }

    function testFuzz_everyLengthOfAsciiIsReadBack(uint256 seed, uint16 length) public {
        bytes memory metadata = metadataOf(seed, bound(length, 0, 2048), 0);
        store(OWNER, hexOf(bytes32(seed)), metadata);
        assertRecord(1, bytes32(seed), metadata, block.timestamp, block.number, OWNER);
    }

    /// @dev A record's address depends on how many bytes its id has.
    function testFuzz_idsOfAnyLengthHaveNoGaps(uint32 count, uint8 shift, bytes32 digest) public {
        count = uint32(bound(count >> (shift % 32), 0, type(uint32).max - 2));
        setCount(count);
        for (uint256 id = uint256(count) + 1; id <= uint256(count) + 2; ++id) {
            vm.assertFalse(pot.transactionExists(id), "not yet");
            vm.assertEq(store(OWNER, hexOf(digest), "x"), id, "id");
            vm.assertEq(pot.getTransactionCount(), id, "count");
            assertRecord(id, digest, "x", block.timestamp, block.number, OWNER);
        }
    }

    function testFuzz_theLastIdIsNotPassed(bytes32 digest) public {
        setCount(type(uint32).max);
        refuses(OWNER, storeCall(hexOf(digest), ""), abi.encodeWithSignature("Panic(uint256)", 0x11));
        vm.assertEq(pot.getTransactionCount(), type(uint32).max, "count");
    }

    /// @dev Whatever runs out of gas, and where, takes no id.
    function testFuzz_aWriteThatFailsTakesNoId(uint256 gas_, uint256 seed, uint256 length) public {
        bytes memory data = storeCall(hexOf(bytes32(seed)), metadataOf(seed, bound(length, 0, 2048), 1));
        vm.prank(OWNER);
        (bool isDone, bytes memory answer) = address(pot).call{gas: bound(gas_, 0, 600_000)}(data);
        if (isDone) {
            vm.assertEq(abi.decode(answer, (uint256)), 1, "id");
        } else if (answer.length > 0) {
            vm.assertEq(answer, refusal(IProofOfTraining.RecordNotWritten.selector, 1), "the error");
        }
        uint256 count = isDone ? 1 : 0;
        vm.assertEq(pot.getTransactionCount(), count, "count");
        vm.assertEq(vm.getNonce(address(pot)), count + 1, "nonce");
        vm.assertEq(store(OWNER, hexOf(bytes32(seed)), ""), count + 1, "no gap");
    }

    function testFuzz_aHashOfAnotherCharacterIsRefused(bytes32 digest, uint8 position, bytes1 character) public {
        bytes memory hash = hexOf(digest);
        hash[position % 64] = character;
        bool isHex = (character >= "0" && character <= "9") || (character >= "a" && character <= "f");
        if (isHex) {
            store(OWNER, hash, "");
            (string memory stored,,,,) = pot.getHash(1);
            vm.assertEq(bytes(stored), hash, "hash");
        } else {
            store(OWNER, hexOf(digest), "");
            refuses(OWNER, storeCall(hash, ""), abi.encodeWithSelector(IProofOfTraining.InvalidHash.selector, hash));
            vm.assertFalse(pot.verifyHash(string(hash), 1), "malformed");
        }
    }

    function testFuzz_aHashOfAnotherLengthIsRefused(bytes memory hash) public {
        vm.assume(hash.length != 64);
        refuses(OWNER, storeCall(hash, ""), abi.encodeWithSelector(IProofOfTraining.InvalidHash.selector, hash));
        vm.assertFalse(pot.verifyHash(string(hash), 1), "malformed");
    }

    function testFuzz_longerMetadataIsRefused(bytes32 digest, uint256 length) public {
        length = bound(length, 2049, 8192);
        bytes memory expected = refusal(IProofOfTraining.MetadataTooLong.selector, length);
        refuses(OWNER, storeCall(hexOf(digest), new bytes(length)), expected);
    }

    function testFuzz_onlyTheStoredHashVerifies(bytes32 digest, bytes32 other, uint256 id) public {
        store(OWNER, hexOf(digest), "");
        vm.assertEq(abi.encode(pot.verifyHash(string(hexOf(other)), 1)), abi.encode(other == digest), "verifyHash");
        vm.assertEq(abi.encode(pot.verifyHash(string(hexOf(digest)), id)), abi.encode(id == 1), "unknown id");
    }

    function testFuzz_anUnknownIdIsRefused(uint256 id, uint8 count) public {
        setCount(count);
        vm.assume(id == 0 || id > count);
        bytes memory expected = refusal(IProofOfTraining.UnknownTransaction.selector, id);
        refuses(OWNER, abi.encodeCall(IProofOfTraining.getHash, (id)), expected);
        vm.assertFalse(pot.transactionExists(id), "exists");
        vm.assertFalse(pot.verifyHash(string(hexOf(0)), id), "verifyHash");
    }

    /// @dev A record is the code of a contract: calling it, with whatever, does nothing.
    function testFuzz_aRecordCannotBeCalledToAnyEffect(bytes32 digest, bytes memory data, uint256 seed) public {
        bytes memory metadata = metadataOf(seed, seed % 200, 1);
        store(OWNER, hexOf(digest), metadata);
        // RLP of the contract and its first nonce.
        address record = address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", address(pot), hex"01")))));
        bytes32 codeHash = record.codehash;
        vm.assertTrue(record.code.length >= 62, "the record");
        vm.record();
        (bool isDone, bytes memory answer) = record.call(data);
        (, bytes32[] memory writes) = vm.accesses(record);
        vm.assertTrue(isDone && answer.length == 0 && writes.length == 0, "it stops at once");
        vm.assertEq(record.codehash, codeHash, "code");
        assertRecord(1, digest, metadata, block.timestamp, block.number, OWNER);
    }

    function setCount(uint32 count) private {
        bytes32 slot = vm.load(address(pot), 0);
        vm.store(address(pot), 0, bytes32(uint256(slot) + count * COUNT_UNIT));
        if (count > 0) vm.setNonce(address(pot), uint64(count) + 1);
    }
}
