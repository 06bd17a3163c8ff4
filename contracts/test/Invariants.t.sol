// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofOfTraining} from "../IProofOfTraining.sol";
import {FuzzSelector, PotTest} from "./PotTest.sol";

/// @dev Does anything to the contract, and keeps beside it what it must hold then: which call must work and which must
/// be refused, and by which error.
contract Anybody is PotTest {
    struct Stored {
        bytes32 digest;
        bytes metadata;
        uint256 time;
        uint256 blockNumber;
        address submitter;
    }

    uint256 public constant ACTORS = 6;

    Stored[] private _stored;
    mapping(address submitter => bytes32 head) public heads;
    address public owner = OWNER;
    address public pendingOwner;
    address public successor;
    bool public isPaused;

    // Not the block's own: what the compiler of a test takes them for may be one that it read before.
    uint256 private _time = 1_800_000_000;
    uint256 private _block = 20_000_000;

    constructor() {
        setUp();
        // So many lanes are taken that the actors fill the rest, and some of them get none.
        for (uint160 i = 1; i <= 97; ++i) anchor(pot, address(i + 0xcafe00), bytes32(uint256(i)), 1);
    }

    function actor(uint256 seed) public pure returns (address) {
        return seed % ACTORS == 0 ? OWNER : address(uint160(0xac7000 + seed % ACTORS));
    }

    function storedCount() external view returns (uint256) {
        return _stored.length;
    }

    function pass(uint256 time, uint256 blocks) external {
        vm.warp(_time += time % 1 weeks);
        vm.roll(_block += blocks % 50_000);
    }

    function storeHash(uint256 by, bytes32 digest, uint256 seed, uint256 length, uint8 kind) external {
        bytes memory metadata = metadataOf(seed, length % 16 == 0 ? seed % 2049 : length % 80, kind);
        bytes memory data = storeCall(hexOf(digest), metadata);
        if (isPaused) return refuses(actor(by), data, paused());
        vm.prank(actor(by));
        uint256 id = pot.storeHash(string(hexOf(digest)), string(metadata));
        _stored.push(Stored(digest, metadata, _time, _block, actor(by)));
        vm.assertEq(id, _stored.length, "no gap");
    }

    function storeSomethingElse(uint256 by, bytes calldata hash, bytes32 digest, uint16 length) external {
        if (isPaused) return refuses(actor(by), storeCall(hash, ""), paused());
        if (hash.length != 64) {
            refuses(actor(by), storeCall(hash, ""), abi.encodeWithSelector(IProofOfTraining.InvalidHash.selector, hash));
        }
        bytes memory tooLong = new bytes(2049 + length % 2048);
        bytes memory expected = refusal(IProofOfTraining.MetadataTooLong.selector, tooLong.length);
        refuses(actor(by), storeCall(hexOf(digest), tooLong), expected);
    }

    function anchor(uint256 by, bytes32 root, uint64 size, uint8 step) external {
        bytes32 previous = heads[actor(by)];
        uint64 previousSize = uint64(bytes8(previous));
        // Any size now and then, mostly one that is near.
        if (step % 8 != 0) size = previousSize + step % 4;
        bytes memory expected;
        if (root == 0) {
            expected = refusal(IProofOfTraining.InvalidRoot.selector, 0);
        } else if (isPaused) {
            expected = paused();
        } else if (size <= previousSize) {
            expected = abi.encodeWithSelector(IProofOfTraining.SizeNotGrowing.selector, size, previousSize);
        } else if (size >= 1 << 63) {
            expected = refusal(IProofOfTraining.SizeTooLarge.selector, size);
        }
        if (expected.length > 0) return refuses(actor(by), anchorCall(root, size), expected);
        anchor(pot, actor(by), root, size);
        heads[actor(by)] = headAfter(previous, root, size, _block);
    }

    function pauseContract(uint256 by) external {
        bytes memory data = abi.encodeCall(IProofOfTraining.pauseContract, ());
        if (!manages(actor(by), data)) return;
        if (isPaused) return refuses(owner, data, paused());
        send(owner, data);
        isPaused = true;
    }

    function unpauseContract(uint256 by) external {
        // The owner comes more often than the others, else nearly all would happen while paused.
        address from = by % 2 == 0 ? owner : actor(by);
        bytes memory data = abi.encodeCall(IProofOfTraining.unpauseContract, ());
        if (!manages(from, data)) return;
        if (!isPaused) return refuses(owner, data, abi.encodeWithSelector(IProofOfTraining.WritesNotPaused.selector));
        if (successor != address(0)) {
            return refuses(owner, data, refusal(IProofOfTraining.AlreadyRetired.selector, successor));
        }
        send(owner, data);
        isPaused = false;
    }

    function transferOwnership(uint256 by, uint256 to) external {
        bytes memory data = abi.encodeCall(IProofOfTraining.transferOwnership, (actor(to)));
        if (!manages(actor(by), data)) return;
        send(owner, data);
        pendingOwner = actor(to);
    }

    function acceptOwnership(uint256 by) external {
        address from = actor(by);
        bytes memory data = abi.encodeCall(IProofOfTraining.acceptOwnership, ());
        if (from != pendingOwner) return refuses(from, data, refusal(IProofOfTraining.NotPendingOwner.selector, from));
        send(from, data);
        (owner, pendingOwner) = (from, address(0));
    }

    function retire(uint256 by, uint8 chance) external {
        bool isRight = chance % 16 == 0;
        address next = isRight ? address(deploy(OWNER, address(pot))) : actor(chance);
        bytes memory data = abi.encodeCall(IProofOfTraining.retire, (next));
        if (!manages(actor(by), data)) return;
        if (successor != address(0)) {
            return refuses(owner, data, refusal(IProofOfTraining.AlreadyRetired.selector, successor));
        }
        if (!isRight) return refuses(owner, data, refusal(IProofOfTraining.InvalidSuccessor.selector, next));
        send(owner, data);
        (successor, isPaused) = (next, true);
    }

    /// @dev Any bytes, with and without ether; the invariants say that it changed nothing.
    function call(uint256 by, uint96 value, bytes calldata data) external {
        vm.deal(actor(by), value);
        vm.prank(actor(by));
        (bool isDone,) = address(pot).call{value: by % 2 == 0 ? 0 : value}(data);
        vm.assertTrue(!isDone || by % 2 == 0 || value == 0, "no ether");
    }

    function assertStored(uint256 id) public view {
        Stored storage record = _stored[id - 1];
        assertRecord(id, record.digest, record.metadata, record.time, record.blockNumber, record.submitter);
    }

    function contractUnderTest() external view returns (IProofOfTraining) {
        return pot;
    }

    function manages(address from, bytes memory data) private returns (bool) {
        if (from != owner) refuses(from, data, refusal(IProofOfTraining.NotOwner.selector, from));
        return from == owner;
    }

    function send(address from, bytes memory data) private {
        vm.prank(from);
        (bool isDone,) = address(pot).call(data);
        vm.assertTrue(isDone, "must work");
    }
}

contract InvariantsTest is PotTest {
    Anybody private _anybody;

    function setUp() public override {
        _anybody = new Anybody();
        pot = _anybody.contractUnderTest();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_anybody);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = Anybody.pass.selector;
        selectors[1] = Anybody.storeHash.selector;
        selectors[2] = Anybody.storeSomethingElse.selector;
        selectors[3] = Anybody.anchor.selector;
        selectors[4] = Anybody.pauseContract.selector;
        selectors[5] = Anybody.unpauseContract.selector;
        selectors[6] = Anybody.transferOwnership.selector;
        selectors[7] = Anybody.acceptOwnership.selector;
        selectors[8] = Anybody.retire.selector;
        selectors[9] = Anybody.call.selector;
        selectors[10] = Anybody.storeHash.selector;
        selectors[11] = Anybody.anchor.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_anybody), selectors);
    }

    function invariant_idsHaveNoGaps() external view {
        uint256 count = _anybody.storedCount();
        vm.assertEq(pot.getTransactionCount(), count, "count");
        vm.assertEq(vm.getNonce(address(pot)), count + 1, "one contract a record, and no other");
        vm.assertFalse(pot.transactionExists(0) || pot.transactionExists(count + 1), "no more ids");
        vm.assertTrue(count == 0 || pot.transactionExists(count), "the newest");
    }

    function invariant_aStoredRecordNeverChanges() external view {
        uint256 count = _anybody.storedCount();
        if (count == 0) return;
        _anybody.assertStored(count);
        _anybody.assertStored(uint256(pot.anchorHead(_anybody.actor(count))) % count + 1);
    }

    function invariant_headsAreThoseAnchored() external view {
        for (uint256 i = 0; i < _anybody.ACTORS(); ++i) {
            address actor = _anybody.actor(i);
            vm.assertEq(pot.anchorHead(actor), _anybody.heads(actor), "head");
        }
        for (uint160 i = 1; i <= 97; i += 16) {
            vm.assertEq(uint256(pot.anchorHead(address(i + 0xcafe00))) >> 192, 1, "a stranger's");
        }
    }

    function invariant_onlyTheOwnersVerbsManage() external view {
        vm.assertEq(pot.owner(), _anybody.owner(), "owner");
        vm.assertEq(pot.pendingOwner(), _anybody.pendingOwner(), "pending owner");
        vm.assertEq(pot.successor(), _anybody.successor(), "successor");
        vm.assertEq(pot.predecessor(), address(0), "predecessor");
        vm.assertTrue(pot.paused() == _anybody.isPaused(), "paused");
        vm.assertTrue(pot.paused() || pot.successor() == address(0), "retired is paused");
        vm.assertEq(address(pot).balance, 0, "no ether");
    }

    function afterInvariant() external view {
        for (uint256 id = 1; id <= _anybody.storedCount(); ++id) _anybody.assertStored(id);
    }
}
