// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofOfTraining} from "../IProofOfTraining.sol";
import {PotTest} from "./PotTest.sol";

contract ManagementTest is PotTest {
    function testFuzz_onlyTheOwnerManages(address stranger, address to, uint8 verb) public {
        vm.assume(stranger != OWNER);
        bytes[4] memory calls = [
            abi.encodeCall(IProofOfTraining.pauseContract, ()),
            abi.encodeCall(IProofOfTraining.unpauseContract, ()),
            abi.encodeCall(IProofOfTraining.transferOwnership, (to)),
            abi.encodeCall(IProofOfTraining.retire, (to))
        ];
        refuses(stranger, calls[verb % 4], refusal(IProofOfTraining.NotOwner.selector, stranger));
        // Nor was it offered to the stranger.
        if (stranger == address(0)) return;
        bytes memory accept = abi.encodeCall(IProofOfTraining.acceptOwnership, ());
        refuses(stranger, accept, refusal(IProofOfTraining.NotPendingOwner.selector, stranger));
    }

    function testFuzz_ownershipTakesTwoSteps(address first, address next, address stranger) public {
        vm.assume(first != address(0) && first != OWNER && next != address(0) && stranger != next);
        vm.assume(next != first && stranger != address(0));
        bytes memory accept = abi.encodeCall(IProofOfTraining.acceptOwnership, ());
        offer(OWNER, first);
        vm.assertEq(pot.owner(), OWNER, "an offer changes nothing");
        offer(OWNER, next);
        vm.assertEq(pot.pendingOwner(), next, "the newer offer");
        refuses(first, accept, refusal(IProofOfTraining.NotPendingOwner.selector, first));
        refuses(stranger, accept, refusal(IProofOfTraining.NotPendingOwner.selector, stranger));
        vm.prank(next);
        pot.acceptOwnership();
        vm.assertEq(pot.owner(), next, "owner");
        vm.assertEq(pot.pendingOwner(), address(0), "no offer is left");
        refuses(next, accept, refusal(IProofOfTraining.NotPendingOwner.selector, next));
        if (next == OWNER) return;
        bytes memory pause = abi.encodeCall(IProofOfTraining.pauseContract, ());
        refuses(OWNER, pause, refusal(IProofOfTraining.NotOwner.selector, OWNER));
        vm.prank(next);
        pot.pauseContract();
    }

    function testFuzz_nobodyIsNoOwner(address predecessor) public {
        bytes memory expected = refusal(IProofOfTraining.InvalidOwner.selector, address(0));
        refuses(OWNER, abi.encodeCall(IProofOfTraining.transferOwnership, (address(0))), expected);
        (address created, bytes memory reason) = tryDeploy(address(0), predecessor, 0);
        vm.assertEq(created, address(0), "owned by nobody");
        vm.assertEq(reason, expected, "the error");
    }

    function testFuzz_aPredecessorHasCode(address owner, address predecessor) public {
        vm.assume(owner != address(0) && predecessor != address(0) && predecessor.code.length == 0);
        (address created, bytes memory reason) = tryDeploy(owner, predecessor, 0);
        vm.assertEq(created, address(0), "nothing to go on from");
        bytes memory expected =
            abi.encodeWithSelector(IProofOfTraining.UnknownPredecessor.selector, predecessor, predecessor.codehash);
        vm.assertEq(reason, expected, "the error");
    }

    function testFuzz_pausedMeansNoWrite(address from, bytes32 digest, bytes memory metadata, bytes32 root, uint64 size)
        public
    {
        vm.assume(root != 0);
        if (metadata.length % 2 == 0) anchor(pot, from, root, 1);
        vm.prank(OWNER);
        pot.pauseContract();
        refuses(from, storeCall(hexOf(digest), metadata), paused());
        refuses(from, storeCall(metadata, metadata), paused());
        refuses(from, anchorCall(root, size), paused());
        bytes memory pause = abi.encodeCall(IProofOfTraining.pauseContract, ());
        refuses(OWNER, pause, paused());
        vm.prank(OWNER);
        pot.unpauseContract();
        bytes memory unpause = abi.encodeCall(IProofOfTraining.unpauseContract, ());
        refuses(OWNER, unpause, abi.encodeWithSelector(IProofOfTraining.WritesNotPaused.selector));
        vm.assertEq(store(from, hexOf(digest), ""), 1, "writes go on");
    }

    /// @dev Any bytes as a call, by anybody but the owner: no slot is written, nothing is created.
    function testFuzz_pausedMeansNoStateChange(address stranger, bytes memory data, uint8 function_) public {
        vm.assume(stranger != OWNER && stranger != address(0));
        store(OWNER, hexOf(keccak256(data)), data.length > 2048 ? bytes("") : data);
        anchor(pot, OWNER, keccak256(data), 1);
        anchor(pot, stranger, keccak256(data), 1);
        vm.prank(OWNER);
        pot.pauseContract();
        bytes[] memory calls = new bytes[](8);
        calls[0] = data;
        calls[1] = abi.encodePacked(IProofOfTraining.storeHash.selector, data);
        calls[2] = abi.encodePacked(IProofOfTraining.anchor.selector, data);
        calls[3] = anchorCall(keccak256(data), type(uint64).max / 3);
        calls[4] = storeCall(hexOf(keccak256(data)), "");
        calls[5] = abi.encodePacked(IProofOfTraining.verifyLeaf.selector, data);
        calls[6] = abi.encodePacked(IProofOfTraining.retire.selector, abi.encode(stranger), data);
        calls[7] = abi.encodePacked(IProofOfTraining.acceptOwnership.selector, data);
        vm.record();
        uint64 nonce = vm.getNonce(address(pot));
        vm.prank(stranger);
        (bool isDone,) = address(pot).call(calls[function_ % 8]);
        (, bytes32[] memory writes) = vm.accesses(address(pot));
        vm.assertEq(writes.length, 0, "slots written");
        vm.assertEq(vm.getNonce(address(pot)), nonce, "contracts created");
        vm.assertTrue(function_ % 8 < 1 || function_ % 8 == 5 || !isDone, "a write that went through");
    }

    function testFuzz_retiredIsPausedForGoodAndOnce(address from, bytes32 root, uint64 size, bool isPaused, address other)
        public
    {
        vm.assume(root != 0 && from != address(0));
        size = uint64(bound(size, 1, (1 << 62) - 1));
        anchor(pot, from, root, size);
        bytes32 head = pot.anchorHead(from);
        store(from, hexOf(root), "kept");
        uint256 time = 1_800_000_000;
        IProofOfTraining next = deploy(OWNER, address(pot));
        if (isPaused) {
            vm.prank(OWNER);
            pot.pauseContract();
        }
        vm.prank(OWNER);
        pot.retire(address(next));
        vm.warp(time + 1 days);

        bytes memory retired = refusal(IProofOfTraining.AlreadyRetired.selector, address(next));
        refuses(OWNER, abi.encodeCall(IProofOfTraining.unpauseContract, ()), retired);
        refuses(OWNER, abi.encodeCall(IProofOfTraining.retire, (address(next))), retired);
        refuses(OWNER, abi.encodeCall(IProofOfTraining.retire, (other)), retired);
        refuses(OWNER, abi.encodeCall(IProofOfTraining.pauseContract, ()), paused());
        refuses(from, storeCall(hexOf(root), ""), paused());
        refuses(from, anchorCall(root, size + 1), paused());
        // Nor can the next owner.
        offer(OWNER, from);
        vm.prank(from);
        pot.acceptOwnership();
        refuses(from, abi.encodeCall(IProofOfTraining.unpauseContract, ()), retired);

        vm.assertTrue(pot.paused(), "paused");
        vm.assertEq(pot.successor(), address(next), "successor");
        vm.assertEq(pot.anchorHead(from), head, "head");
        assertRecord(1, root, "kept", time, block.number, from);
        anchor(next, from, root, size + 1);
        vm.assertEq(next.anchorHead(from), headAfter(head, root, size + 1, block.number), "it goes on there");
    }

    function testFuzz_aSuccessorNamesThisContract(address other, bool isContract) public {
        if (isContract) other = address(deploy(OWNER, address(0)));
        vm.assume(other != address(vm));
        bytes memory expected = refusal(IProofOfTraining.InvalidSuccessor.selector, other);
        refuses(OWNER, abi.encodeCall(IProofOfTraining.retire, (other)), expected);
        vm.assertFalse(pot.paused(), "paused");
        vm.assertEq(pot.successor(), address(0), "successor");
    }

    /// @dev Ether is refused by every function, known or not, and by the constructor.
    function testFuzz_noEtherIsTaken(address from, uint128 amount, bytes memory data, uint8 function_, bytes32 root)
        public
    {
        vm.assume(from != address(pot));
        amount = uint128(bound(amount, 1, type(uint128).max));
        vm.deal(from, amount);
        bytes[] memory calls = new bytes[](6);
        calls[0] = data;
        calls[1] = "";
        calls[2] = storeCall(hexOf(root), "");
        calls[3] = anchorCall(root, 1);
        calls[4] = abi.encodeCall(IProofOfTraining.pauseContract, ());
        calls[5] = abi.encodePacked(IProofOfTraining.getTransactionCount.selector, data);
        vm.prank(function_ % 6 == 4 ? OWNER : from);
        if (function_ % 6 == 4) vm.deal(OWNER, amount);
        (bool isDone,) = address(pot).call{value: amount}(calls[function_ % 6]);
        vm.assertFalse(isDone, "must be refused");
        vm.assertEq(address(pot).balance, 0, "balance");

        vm.deal(address(this), amount);
        (address created,) = tryDeploy(OWNER, address(0), amount);
        vm.assertEq(created, address(0), "created with ether");
    }

    function testFuzz_anUnknownFunctionIsRefused(address from, bytes4 selector, bytes memory data) public {
        string[19] memory known = [
            "storeHash(string,string)",
            "anchor(bytes32,uint64)",
            "pauseContract()",
            "unpauseContract()",
            "transferOwnership(address)",
            "acceptOwnership()",
            "retire(address)",
            "getHash(uint256)",
            "verifyHash(string,uint256)",
            "getTransactionCount()",
            "transactionExists(uint256)",
            "anchorHead(address)",
            "verifyHead(address,bytes32,(bytes32,uint64,uint256)[])",
            "verifyLeaf(address,bytes32,uint64,bytes32[],bytes32,(bytes32,uint64,uint256)[])",
            "owner()",
            "pendingOwner()",
            "paused()",
            "successor()",
            "predecessor()"
        ];
        for (uint256 i = 0; i < 19; ++i) vm.assume(selector != bytes4(keccak256(bytes(known[i]))));
        refuses(from, abi.encodePacked(selector, data), "");
    }

    function offer(address from, address to) private {
        vm.prank(from);
        pot.transferOwnership(to);
    }
}
