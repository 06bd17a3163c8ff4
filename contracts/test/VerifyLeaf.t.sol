// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofOfTraining} from "../IProofOfTraining.sol";
import {PotTest} from "./PotTest.sol";

/// @dev The trees here are RFC 6962's own recursive definition (section 2.1), which is not how the contract verifies.
contract VerifyLeafTest is PotTest {
    struct Vector {
        bytes32 leafHash;
        bytes32 root;
        uint64 size;
        uint64 index;
        bytes32[] path;
        bool isIncluded;
    }

    function testFuzz_everyLeafOfARandomTreeVerifies(bytes32[] memory leaves, uint256 index) public {
        vm.assume(leaves.length > 0);
        index = bound(index, 0, leaves.length - 1);
        bytes32 root = rootOf(leaves, 0, leaves.length);
        bytes32[] memory path = pathOf(leaves, index, 0, leaves.length);
        vm.assume(root != 0);
        vm.assertTrue(check(leaves[index], uint64(index), path, root, uint64(leaves.length)), "a leaf of it");
        uint256 other = (index + 1) % leaves.length;
        if (leaves[other] != leaves[index]) {
            vm.assertFalse(check(leaves[other], uint64(index), path, root, uint64(leaves.length)), "another leaf");
        }
    }

    /// @dev Trees far too large to build: the root is what the recursive definition makes of leaf and path.
    function testFuzz_aLeafOfATreeOfAnySizeVerifies(bytes32 leaf, uint64 size, uint8 shift, uint64 index, bytes32 seed)
        public
    {
        size = uint64(bound(size >> (shift % 63), 1, (1 << 63) - 1));
        index = uint64(bound(index, 0, size - 1));
        (bytes32[] memory path, bytes32 root) = randomPath(leaf, index, size, seed);
        vm.assume(root != 0);
        vm.assertTrue(check(leaf, index, path, root, size), "the leaf");
    }

    function testFuzz_whateverWasChangedDoesNotVerify(
        bytes32 leaf,
        uint64 size,
        uint8 shift,
        uint64 index,
        bytes32 seed,
        uint8 change
    ) public {
        size = uint64(bound(size >> (shift % 63), 1, (1 << 62) - 1));
        index = uint64(bound(index, 0, size - 1));
        (bytes32[] memory path, bytes32 root) = randomPath(leaf, index, size, seed);
        uint256 random = uint256(seed) >> 8;
        uint256 kind = change % 7;
        if (kind == 0) leaf ^= bytes32(1 << random % 256);
        else if (kind == 1 && path.length > 0) path[random % path.length] ^= bytes32(1 << (random >> 64) % 256);
        else if (kind == 2) path = resized(path, path.length + 1);
        else if (kind == 3 && path.length > 0) path = resized(path, path.length - 1);
        else if (kind == 4) index = size + uint64(random % ((1 << 63) - size));
        else if (kind == 5 && size > 1) index = uint64((uint256(index) + 1 + random % (size - 1)) % size);
        else if (kind == 6) root ^= bytes32(1 << random % 256);
        else leaf = ~leaf;
        vm.assertFalse(check(leaf, index, path, root, size), "changed");
    }

    /// @dev Wherever the gas runs out, within SHA-256 too, there is no answer rather than a wrong one.
    function testFuzz_tooLittleGasIsNoAnswer(bytes32 leaf, uint16 size, uint64 index, bytes32 seed, uint256 gas_) public {
        size = uint16(bound(size, 256, type(uint16).max));
        index = uint64(bound(index, 0, size - 1));
        (bytes32[] memory path, bytes32 root) = randomPath(leaf, index, size, seed);
        IProofOfTraining.Head[] memory heads = new IProofOfTraining.Head[](1);
        heads[0] = IProofOfTraining.Head(root, size, block.number);
        anchor(pot, OWNER, root, size);
        bytes memory data = abi.encodeCall(IProofOfTraining.verifyLeaf, (OWNER, leaf, index, path, 0, heads));
        (bool isDone, bytes memory answer) = address(pot).call{gas: bound(gas_, 0, 20_000)}(data);
        vm.assertTrue(isDone ? abi.decode(answer, (bool)) : answer.length == 0, "true, or nothing");
    }

    /// @dev By Prague's gas rules a failure of SHA-256 leaves too little gas to go on with; by others it might not.
    function testFuzz_aFailingSha256IsNoAnswer(bytes32 leaf, bytes32 seed) public {
        (bytes32[] memory path, bytes32 root) = randomPath(leaf, 0, 2, seed);
        IProofOfTraining.Head[] memory heads = new IProofOfTraining.Head[](1);
        heads[0] = IProofOfTraining.Head(root, 2, block.number);
        anchor(pot, OWNER, root, 2);
        bytes memory data = abi.encodeCall(IProofOfTraining.verifyLeaf, (OWNER, leaf, 0, path, 0, heads));
        vm.mockCallRevert(address(2), "", "broken");
        (bool isDone, bytes memory answer) = address(pot).call(data);
        vm.clearMockedCalls();
        vm.assertTrue(!isDone && answer.length == 0, "no answer");
        vm.assertTrue(pot.verifyLeaf(OWNER, leaf, 0, path, 0, heads), "it works again");
    }

    /// @dev Lines of ABI-encoded vectors, made by lib/core/merkle and answered by its verifier: merkle_vectors.ts.
    function test_itAgreesWithTheTypeScriptVerifier() public {
        string memory path = vm.envOr("POT_MERKLE_VECTORS", string(""));
        if (bytes(path).length == 0) return;
        // Each in a call of its own, so that memory is given back.
        uint256 count = 0;
        while (this.agreesOnNextLine(path)) ++count;
        vm.assertTrue(count > 0, "no vectors");
        vm.closeFile(path);
    }

    function agreesOnNextLine(string calldata file) external returns (bool) {
        string memory line = vm.readLine(file);
        if (bytes(line).length == 0) return false;
        Vector memory vector = abi.decode(vm.parseBytes(line), (Vector));
        bool isIncluded = check(vector.leafHash, vector.index, vector.path, vector.root, vector.size);
        vm.assertTrue(isIncluded == vector.isIncluded, line);
        return true;
    }

    /// @dev Anchors that root by an account of its own, and asks.
    function check(bytes32 leaf, uint64 index, bytes32[] memory path, bytes32 root, uint64 size) private returns (bool) {
        if (root == 0) return false;
        address submitter = address(uint160(uint256(keccak256(abi.encode(root, size)))));
        bytes32 head = pot.anchorHead(submitter);
        if (head == 0) anchor(pot, submitter, root, size);
        IProofOfTraining.Head[] memory heads = new IProofOfTraining.Head[](1);
        heads[0] = IProofOfTraining.Head(root, size, block.number);
        vm.assertTrue(pot.verifyHead(submitter, 0, heads), "the head");
        return pot.verifyLeaf(submitter, leaf, index, path, 0, heads);
    }

    function split(uint256 size) private pure returns (uint256 left) {
        left = 1;
        while (left * 2 < size) left *= 2;
    }

    function rootOf(bytes32[] memory leaves, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return leaves[from];
        uint256 middle = from + split(to - from);
        return node(rootOf(leaves, from, middle), rootOf(leaves, middle, to));
    }

    function pathOf(bytes32[] memory leaves, uint256 index, uint256 from, uint256 to)
        private
        pure
        returns (bytes32[] memory path)
    {
        if (to - from == 1) return new bytes32[](0);
        uint256 middle = from + split(to - from);
        bytes32 sibling;
        if (index < middle) {
            (path, sibling) = (pathOf(leaves, index, from, middle), rootOf(leaves, middle, to));
        } else {
            (path, sibling) = (pathOf(leaves, index, middle, to), rootOf(leaves, from, middle));
        }
        path = resized(path, path.length + 1);
        path[path.length - 1] = sibling;
    }

    function randomPath(bytes32 leaf, uint256 index, uint256 size, bytes32 seed)
        private
        pure
        returns (bytes32[] memory path, bytes32 root)
    {
        if (size == 1) return (new bytes32[](0), leaf);
        uint256 left = split(size);
        bytes32 inner;
        (path, inner) = index < left
            ? randomPath(leaf, index, left, keccak256(abi.encode(seed)))
            : randomPath(leaf, index - left, size - left, keccak256(abi.encode(seed)));
        path = resized(path, path.length + 1);
        path[path.length - 1] = seed;
        root = index < left ? node(inner, seed) : node(seed, inner);
    }

    function resized(bytes32[] memory path, uint256 length) private pure returns (bytes32[] memory other) {
        other = new bytes32[](length);
        for (uint256 i = 0; i < length && i < path.length; ++i) other[i] = path[i];
    }

    function node(bytes32 left, bytes32 right) private pure returns (bytes32) {
        return sha256(abi.encodePacked(hex"01", left, right));
    }
}
