// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofOfTraining} from "../IProofOfTraining.sol";
import {PotTest} from "./PotTest.sol";

/// @dev Answers every call with the largest word.
contract AnswersAnything {
    fallback() external {
        assembly {
            mstore(0, not(0))
            return(0, 32)
        }
    }
}

contract AnchorsTest is PotTest {
    function testFuzz_sizesStrictlyGrow(address submitter, bytes32 rootA, uint64 sizeA, bytes32 rootB, uint64 sizeB)
        public
    {
        bytes32 first = tryAnchor(submitter, rootA, sizeA, 0);
        vm.roll(block.number + 1);
        tryAnchor(submitter, rootB, sizeB, first);
    }

    function testFuzz_noLogHasRootZero(address submitter, uint64 size) public {
        tryAnchor(submitter, 0, size, 0);
    }

    function testFuzz_sizesGrowByAnyStep(address submitter, bytes32 root, uint64[16] memory sizes) public {
        bytes32 head = 0;
        for (uint256 i = 0; i < sizes.length; ++i) {
            head = tryAnchor(submitter, root, sizes[i] >> (sizes[i] % 64), head);
            vm.roll(block.number + i);
        }
    }

    /// @dev Fills the lanes on the way, so that some submitters have none.
    function testFuzz_nobodyBlocksAnothersAnchor(
        address submitter,
        address stranger,
        bytes32 root,
        uint64 size,
        uint64 strangersSize,
        uint8 crowd
    ) public {
        vm.assume(submitter != stranger && root != 0);
        size = uint64(bound(size, 1, (1 << 62) - 1));
        for (uint160 i = 0; i < crowd % 128; ++i) {
            address one = address(i + 0x100000);
            if (one != submitter && one != stranger) anchor(pot, one, root, 1);
        }
        bytes32 first = tryAnchor(submitter, root, size, 0);
        strangersSize = uint64(bound(strangersSize, 1, (1 << 63) - 1));
        bytes32 other = tryAnchor(stranger, root, strangersSize, 0);
        vm.assertEq(pot.anchorHead(submitter), first, "the stranger's anchor is not ours");
        tryAnchor(submitter, root, size + 1, first);
        vm.assertEq(pot.anchorHead(stranger), other, "nor ours the stranger's");
    }

    function testFuzz_aPauseKeepsEveryHead(address submitter, bytes32 root, uint64 size, uint8 crowd) public {
        vm.assume(root != 0);
        size = uint64(bound(size, 1, (1 << 62) - 1));
        for (uint160 i = 0; i < crowd % 128; ++i) {
            if (address(i + 0x100000) != submitter) anchor(pot, address(i + 0x100000), root, uint64(i) + 1);
        }
        bytes32 head = tryAnchor(submitter, root, size, 0);
        vm.prank(OWNER);
        pot.pauseContract();
        vm.assertEq(pot.anchorHead(submitter), head, "paused");
        refuses(submitter, anchorCall(root, size + 1), paused());
        vm.prank(OWNER);
        pot.unpauseContract();
        vm.assertEq(pot.anchorHead(submitter), head, "resumed");
        for (uint160 i = 0; i < crowd % 128; ++i) {
            address one = address(i + 0x100000);
            if (one != submitter) vm.assertEq(uint256(pot.anchorHead(one)) >> 192, i + 1, "the crowd's");
        }
        tryAnchor(submitter, root, size + 1, head);
    }

    function testFuzz_verifyHeadTakesTheChainOfHeadsOnly(
        address submitter,
        bytes32[4] memory roots,
        uint256 from,
        uint256 to,
        uint256 change
    ) public {
        IProofOfTraining.Head[] memory heads = new IProofOfTraining.Head[](roots.length);
        bytes32[] memory before = new bytes32[](roots.length + 1);
        for (uint64 i = 0; i < roots.length; ++i) {
            if (roots[i] == 0) roots[i] = bytes32(uint256(1));
            vm.roll(block.number + i);
            anchor(pot, submitter, roots[i], i + 1);
            heads[i] = IProofOfTraining.Head(roots[i], i + 1, block.number);
            before[i + 1] = pot.anchorHead(submitter);
        }
        from = bound(from, 0, 3);
        to = bound(to, from, 4);
        IProofOfTraining.Head[] memory part = new IProofOfTraining.Head[](to - from);
        for (uint256 i = from; i < to; ++i) part[i - from] = heads[i];
        bool isAll = to == 4;
        vm.assertTrue(pot.verifyHead(submitter, before[from], part) == isAll, "up to the newest");
        vm.assertFalse(pot.verifyHead(address(~uint160(submitter)), before[from], part), "somebody else's");
        if (part.length == 0) return;

        IProofOfTraining.Head memory one = part[change % part.length];
        if (change % 4 == 0) one.root ^= bytes32(1 << (change >> 8) % 256);
        else if (change % 4 == 1) one.size ^= uint64(1 << (change >> 8) % 64);
        else if (change % 4 == 2) one.blockNumber ^= 1 << (change >> 8) % 256;
        else before[from] ^= bytes32(1 << (change >> 8) % 256);
        vm.assertFalse(pot.verifyHead(submitter, before[from], part), "one bit changed");
    }

    function testFuzz_theSuccessorGoesOnFromTheLastHead(
        address submitter,
        address newcomer,
        bytes32 root,
        uint64 sizeA,
        uint64 sizeB,
        bool isFirstRelease
    ) public {
        vm.assume(root != 0 && submitter != newcomer);
        bytes memory creation = vm.envOr("POT_FIRST_RELEASE", bytes(""));
        if (isFirstRelease && creation.length > 0) {
            (address first,) = create(abi.encodePacked(creation, abi.encode(OWNER)), 0);
            pot = IProofOfTraining(first);
        }
        sizeA = uint64(bound(sizeA, 1, (1 << 63) - 1));
        anchor(pot, submitter, root, sizeA);
        bytes32 last = pot.anchorHead(submitter);
        IProofOfTraining old = pot;
        pot = deploy(OWNER, address(old));
        vm.assertEq(pot.predecessor(), address(old), "predecessor");
        vm.assertEq(pot.anchorHead(submitter), last, "before its first anchor here");
        vm.roll(block.number + 7);
        tryAnchor(submitter, root, sizeB, last);
        tryAnchor(newcomer, root, sizeB, 0);
        vm.assertEq(old.anchorHead(submitter), last, "the old contract keeps its own");
    }

    function testFuzz_foreignCodeIsNeverAsked(address submitter, bytes32 root, uint64 size) public {
        vm.assume(root != 0);
        address foreign = address(new AnswersAnything());
        pot = deploy(OWNER, foreign);
        bytes memory expected =
            abi.encodeWithSelector(IProofOfTraining.UnknownPredecessor.selector, foreign, foreign.codehash);
        refuses(submitter, anchorCall(root, size), expected);
        refuses(submitter, abi.encodeCall(IProofOfTraining.anchorHead, (submitter)), expected);
    }

    /// @dev Anchors where the rules say that it must work, and is refused by the right error where not.
    function tryAnchor(address submitter, bytes32 root, uint64 size, bytes32 previous) private returns (bytes32) {
        uint64 previousSize = uint64(bytes8(previous));
        bytes memory expected;
        if (root == 0) expected = refusal(IProofOfTraining.InvalidRoot.selector, 0);
        else if (size <= previousSize) expected = abi.encodeWithSelector(IProofOfTraining.SizeNotGrowing.selector, size, previousSize);
        else if (size >= 1 << 63) expected = refusal(IProofOfTraining.SizeTooLarge.selector, size);
        if (expected.length > 0) {
            refuses(submitter, anchorCall(root, size), expected);
            vm.assertEq(pot.anchorHead(submitter), previous, "as before");
            return previous;
        }
        anchor(pot, submitter, root, size);
        bytes32 head = headAfter(previous, root, size, block.number);
        vm.assertEq(pot.anchorHead(submitter), head, "head");
        return head;
    }
}
