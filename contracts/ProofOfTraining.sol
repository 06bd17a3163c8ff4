// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IProofOfTraining} from "./IProofOfTraining.sol";

/// @title Evidence of how models were trained
/// @notice See IProofOfTraining. The contract takes no ether and calls nobody.
/// @dev Each record is the code of a contract of its own, which is cheaper than storage slots from the first byte of
/// metadata on: 200 gas a byte instead of 22 100 for 32 of them. The n-th record is the n-th contract that this
/// contract creates, so its address follows from its id (EIP-161: a contract's nonce starts at 1) and need not be
/// stored. A creation that fails reverts the whole call, nonce included. Hence nothing but `storeHash` may create.
contract ProofOfTraining is IProofOfTraining {
    uint256 private constant MAX_METADATA_LENGTH = 2048;

    /// @dev A record's code: STOP, so that it can't be called to any effect, then hash, submitter, time, block, metadata.
    uint256 private constant HEADER_LENGTH = 1 + 32 + 20 + 5 + 5;

    /// @dev One in each byte of a word, to do arithmetic on 32 characters at a time.
    uint256 private constant ONES = 0x0101010101010101010101010101010101010101010101010101010101010101;

    // One slot, so that storeHash reads and writes only this one.
    address private _owner;
    bool private _paused;
    uint32 private _count;

    mapping(address submitter => bytes32 head) private _heads;

    /// @dev Refuses everybody but the owner.
    modifier onlyOwner() {
        if (msg.sender != _owner) revert NotOwner(msg.sender);
        _;
    }

    /// @dev Refuses writes while the owner has stopped them.
    modifier whenNotPaused() {
        if (_paused) revert WritesPaused();
        _;
    }

    /// @param initialOwner Who may pause, resume and hand over. Not taken from the sender, which may be a
    /// deployment proxy.
    constructor(address initialOwner) {
        if (initialOwner == address(0)) revert InvalidOwner(initialOwner);
        _owner = initialOwner;
    }

    /// @inheritdoc IProofOfTraining
    function storeHash(string calldata hash, string calldata metadata)
        external
        whenNotPaused
        returns (uint256 transactionId)
    {
        (bool isValid, bytes32 digest) = _parseHash(hash);
        if (!isValid) revert InvalidHash(hash);
        if (bytes(metadata).length > MAX_METADATA_LENGTH) revert MetadataTooLong(bytes(metadata).length);

        transactionId = ++_count;
        _writeRecord(
            transactionId,
            abi.encodePacked(
                hex"00", digest, msg.sender, uint40(block.timestamp), uint40(block.number), metadata
            )
        );
        emit HashStored(transactionId, hash, msg.sender, block.timestamp, block.number);
    }

    /// @inheritdoc IProofOfTraining
    function anchor(bytes32 root, uint64 size) external whenNotPaused {
        if (root == 0) revert InvalidRoot(root);
        bytes32 previous = _heads[msg.sender];
        uint64 previousSize = uint64(uint256(previous) >> 192);
        if (size <= previousSize) revert SizeNotGrowing(size, previousSize);

        uint192 link = uint192(uint256(keccak256(abi.encode(previous, root, size, block.number))));
        _heads[msg.sender] = bytes32((uint256(size) << 192) | link);
        emit Anchored(msg.sender, size, root, previous);
    }

    /// @inheritdoc IProofOfTraining
    function pauseContract() external onlyOwner whenNotPaused {
        _paused = true;
        emit ContractPaused(msg.sender, block.timestamp);
    }

    /// @inheritdoc IProofOfTraining
    function unpauseContract() external onlyOwner {
        if (!_paused) revert WritesNotPaused();
        _paused = false;
        emit ContractUnpaused(msg.sender, block.timestamp);
    }

    /// @inheritdoc IProofOfTraining
    function transferOwnership(address newOwner) external onlyOwner {
        if (newOwner == address(0)) revert InvalidOwner(newOwner);
        _owner = newOwner;
    }

    /// @inheritdoc IProofOfTraining
    function getHash(uint256 transactionId)
        external
        view
        returns (
            string memory hash,
            string memory metadata,
            uint256 timestamp,
            uint256 blockNumber,
            address submitter
        )
    {
        if (!transactionExists(transactionId)) revert UnknownTransaction(transactionId);
        address record = _recordAddress(transactionId);
        hash = _formatHash(bytes32(_readRecord(record, 1, 32)));
        submitter = address(bytes20(_readRecord(record, 33, 20)));
        timestamp = uint40(bytes5(_readRecord(record, 53, 5)));
        blockNumber = uint40(bytes5(_readRecord(record, 58, 5)));
        metadata = string(_readRecord(record, HEADER_LENGTH, record.code.length - HEADER_LENGTH));
    }

    /// @inheritdoc IProofOfTraining
    function verifyHash(string calldata hash, uint256 transactionId) external view returns (bool) {
        (bool isValid, bytes32 digest) = _parseHash(hash);
        return isValid && transactionExists(transactionId)
            && bytes32(_readRecord(_recordAddress(transactionId), 1, 32)) == digest;
    }

    /// @inheritdoc IProofOfTraining
    function getTransactionCount() external view returns (uint256) {
        return _count;
    }

    /// @inheritdoc IProofOfTraining
    function anchorHead(address submitter) external view returns (bytes32) {
        return _heads[submitter];
    }

    /// @inheritdoc IProofOfTraining
    function owner() external view returns (address) {
        return _owner;
    }

    /// @inheritdoc IProofOfTraining
    function paused() external view returns (bool) {
        return _paused;
    }

    /// @inheritdoc IProofOfTraining
    function transactionExists(uint256 transactionId) public view returns (bool) {
        return transactionId != 0 && transactionId <= _count;
    }

    /// @dev Creates the contract whose code is `record`.
    function _writeRecord(uint256 transactionId, bytes memory record) private {
        // PUSH2 length, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN: hands out all that follows these ten bytes.
        bytes memory creation = abi.encodePacked(hex"61", uint16(record.length), hex"80600a5f395ff3", record);
        address created;
        // No Solidity form creates a contract from bytes.
        assembly ("memory-safe") {
            created := create(0, add(creation, 32), mload(creation))
        }
        if (created == address(0)) revert RecordNotWritten(transactionId);
    }

    /// @dev `length` bytes of a record's code, from `offset`.
    function _readRecord(address record, uint256 offset, uint256 length) private view returns (bytes memory part) {
        part = new bytes(length);
        // Solidity copies code only as a whole.
        assembly ("memory-safe") {
            extcodecopy(record, add(part, 32), offset, length)
        }
    }

    /// @dev The address of the contract that this one created with nonce `transactionId`: the low 20 bytes of
    /// keccak256(rlp([this, nonce])), where RLP puts a length byte before numbers from 128 on.
    function _recordAddress(uint256 transactionId) private view returns (address) {
        bytes memory list;
        if (transactionId < 0x80) {
            list = abi.encodePacked(hex"d694", this, uint8(transactionId));
        } else if (transactionId < 0x100) {
            list = abi.encodePacked(hex"d794", this, hex"81", uint8(transactionId));
        } else if (transactionId < 0x10000) {
            list = abi.encodePacked(hex"d894", this, hex"82", uint16(transactionId));
        } else if (transactionId < 0x1000000) {
            list = abi.encodePacked(hex"d994", this, hex"83", uint24(transactionId));
        } else {
            list = abi.encodePacked(hex"da94", this, hex"84", uint32(transactionId));
        }
        return address(uint160(uint256(keccak256(list))));
    }

    /// @dev The 32 bytes that 64 lowercase hexadecimal characters stand for.
    function _parseHash(string calldata hash) private pure returns (bool isValid, bytes32 digest) {
        bytes calldata characters = bytes(hash);
        if (characters.length != 64) return (false, 0);
        (uint256 wrongHigh, uint256 high) = _parseHalf(uint256(bytes32(characters[:32])));
        (uint256 wrongLow, uint256 low) = _parseHalf(uint256(bytes32(characters[32:])));
        return ((wrongHigh | wrongLow) == 0, bytes32((high << 128) | low));
    }

    /// @dev Parses 32 characters at once; `wrong` is zero when all of them are in 0-9 or a-f. No sum below leaves its
    /// byte, as each is under 256. Measured: 76 885 gas for a storeHash without metadata, 93 533 with a loop.
    function _parseHalf(uint256 characters) private pure returns (uint256 wrong, uint256 value) {
        unchecked {
            uint256 isLetter = (characters >> 6) & ONES;
            value = (characters & (0x0f * ONES)) + 9 * isLetter;
            // Back to a character: anything that isn't 0x30-0x3f or 0x60-0x6f comes out different.
            wrong = characters ^ (value + 0x30 * ONES + 39 * isLetter);
            // A letter is worth 10 to 15, a digit 0 to 9: adding 6 must carry into bit 4 for letters only.
            wrong |= (((value + 6 * ONES) >> 4) & ONES) ^ isLetter;
            wrong |= value & (0x10 * ONES);

            // Squeeze 32 half-bytes into 16 bytes: neighbours first, then pairs, and so on.
            value = (value | (value >> 4)) & 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
            value = (value | (value >> 8)) & 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
            value = (value | (value >> 16)) & 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff;
            value = (value | (value >> 32)) & 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;
            value = (value | (value >> 64)) & type(uint128).max;
        }
    }

    /// @dev 64 lowercase hexadecimal characters.
    function _formatHash(bytes32 digest) private pure returns (string memory) {
        bytes memory characters = new bytes(64);
        bytes16 digits = "0123456789abcdef";
        for (uint256 i = 0; i < 64; ++i) {
            characters[i] = digits[(uint256(digest) >> (252 - 4 * i)) & 0x0f];
        }
        return string(characters);
    }
}
