// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Evidence of how models were trained: hashes with metadata, and heads of append-only logs
/// @notice Anybody may write, under their own address. Nothing written is ever changed or removed.
/// It proves that these bytes existed at that time and were sent by that account, and nothing about their truth.
interface IProofOfTraining {
    /// @notice What a submitter committed to in one `anchor`: with the head before it, all that a head stands for.
    /// @param root RFC 6962 root.
    /// @param size Number of leaves.
    /// @param blockNumber The block's number, as the EVM gives it (on Arbitrum that of the parent chain).
    struct Head {
        bytes32 root;
        uint64 size;
        uint256 blockNumber;
    }

    /// @notice The caller is not the owner.
    /// @param caller Who called.
    error NotOwner(address caller);

    /// @notice The caller was not offered the contract.
    /// @param caller Who called.
    error NotPendingOwner(address caller);

    /// @notice That address cannot own the contract.
    /// @param owner The refused address, which is zero.
    error InvalidOwner(address owner);

    /// @notice The owner has stopped writes. Reads go on.
    error WritesPaused();

    /// @notice Writes are not stopped, so there is nothing to resume.
    error WritesNotPaused();

    /// @notice The contract was retired, for good.
    /// @param successor The contract to write to.
    error AlreadyRetired(address successor);

    /// @notice That contract does not name this one as its predecessor.
    /// @param successor The refused address.
    error InvalidSuccessor(address successor);

    /// @notice The code at that address is no release of this contract, so its heads could be anything.
    /// @param predecessor The refused address.
    /// @param codeHash keccak256 of the code there.
    error UnknownPredecessor(address predecessor, bytes32 codeHash);

    /// @notice A hash is 64 lowercase hexadecimal characters, without a prefix.
    /// @param hash What was given instead.
    error InvalidHash(string hash);

    /// @notice Metadata is at most 2048 bytes long.
    /// @param length The length given, in bytes.
    error MetadataTooLong(uint256 length);

    /// @notice The record could not be written, usually as the transaction's gas limit is too low.
    /// @param transactionId The id it would have had.
    error RecordNotWritten(uint256 transactionId);

    /// @notice Nothing is stored under that id.
    /// @param transactionId The id asked for.
    error UnknownTransaction(uint256 transactionId);

    /// @notice No log has that root.
    /// @param root The refused root, which is zero.
    error InvalidRoot(bytes32 root);

    /// @notice A log only grows.
    /// @param size The refused number of leaves.
    /// @param previousSize The size that the same submitter anchored last, zero for none.
    error SizeNotGrowing(uint64 size, uint64 previousSize);

    /// @notice No log has that many leaves.
    /// @param size The refused number of leaves, which is 2^63 or more.
    error SizeTooLarge(uint64 size);

    /// @notice A hash was stored.
    /// @param transactionId The new record's id, from 1 without gaps.
    /// @param hashValue The hash; as an indexed string, the topic is keccak256 of its 64 characters.
    /// @param submitter Who stored it.
    /// @param timestamp The block's time, in Unix seconds.
    /// @param blockNumber The block's number, as the EVM gives it (on Arbitrum that of the parent chain).
    event HashStored(
        uint256 indexed transactionId,
        string indexed hashValue,
        address indexed submitter,
        uint256 timestamp,
        uint256 blockNumber
    );

    /// @notice Writes were stopped.
    /// @param owner Who stopped them.
    /// @param timestamp The block's time, in Unix seconds.
    event ContractPaused(address indexed owner, uint256 timestamp);

    /// @notice Writes were resumed.
    /// @param owner Who resumed them.
    /// @param timestamp The block's time, in Unix seconds.
    event ContractUnpaused(address indexed owner, uint256 timestamp);

    /// @notice The contract was retired: writes are stopped for good, and go on in the successor.
    /// @param owner Who retired it.
    /// @param successor The contract to write to.
    /// @param timestamp The block's time, in Unix seconds.
    event ContractRetired(address indexed owner, address indexed successor, uint256 timestamp);

    /// @notice The contract was offered to somebody, and is not theirs before they accept.
    /// @param previousOwner Who offers it.
    /// @param newOwner Who may accept.
    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);

    /// @notice The contract has another owner.
    /// @param previousOwner Who offered it.
    /// @param newOwner Who accepted.
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    /// @notice The head of a log was committed to.
    /// @param submitter Whose log it is.
    /// @param size Number of leaves.
    /// @param root RFC 6962 root over those leaves.
    /// @param previous The submitter's `anchorHead` before this call, zero for the first one.
    event Anchored(address indexed submitter, uint64 size, bytes32 root, bytes32 previous);

    /// @notice Stores a hash with metadata under the next id.
    /// @param hash 64 lowercase hexadecimal characters.
    /// @param metadata Any bytes, at most 2048; public for ever.
    /// @return transactionId The record's id, from 1 without gaps.
    function storeHash(string calldata hash, string calldata metadata) external returns (uint256 transactionId);

    /// @notice Commits to the head of the caller's append-only log.
    /// @param root RFC 6962 root, not zero.
    /// @param size Number of leaves, below 2^63; greater than at the caller's last anchor, here or in the predecessor.
    function anchor(bytes32 root, uint64 size) external;

    /// @notice Stops all writes. Only the owner can.
    function pauseContract() external;

    /// @notice Resumes writes. Only the owner can, and not after `retire`.
    function unpauseContract() external;

    /// @notice Offers the contract to somebody, who becomes its owner by `acceptOwnership`. Only the owner can. A new
    /// offer takes the place of the one before; to take one back, offer it to yourself.
    /// @param newOwner The next owner, not zero.
    function transferOwnership(address newOwner) external;

    /// @notice Makes the caller the owner. Only whom the owner offered the contract can.
    function acceptOwnership() external;

    /// @notice Stops writes for good in favour of another contract. Only the owner can, once. Reads go on.
    /// @param newSuccessor A contract whose `predecessor` is this one.
    function retire(address newSuccessor) external;

    /// @notice The record stored under an id. Reverts for an unknown id.
    /// @param transactionId The id that `storeHash` returned.
    /// @return hash 64 lowercase hexadecimal characters.
    /// @return metadata As it was given.
    /// @return timestamp The block's time, in Unix seconds.
    /// @return blockNumber The block's number, as the EVM gives it.
    /// @return submitter Who stored it.
    function getHash(uint256 transactionId)
        external
        view
        returns (
            string memory hash,
            string memory metadata,
            uint256 timestamp,
            uint256 blockNumber,
            address submitter
        );

    /// @notice Whether exactly that hash is stored under that id; false for an unknown id or a malformed hash.
    /// @param hash 64 lowercase hexadecimal characters.
    /// @param transactionId The id that `storeHash` returned.
    function verifyHash(string calldata hash, uint256 transactionId) external view returns (bool);

    /// @notice Number of records, which is also the newest id.
    function getTransactionCount() external view returns (uint256);

    /// @notice Whether a record is stored under that id.
    /// @param transactionId Any number.
    function transactionExists(uint256 transactionId) external view returns (bool);

    /// @notice The last head that a submitter anchored, zero for none. Until its first anchor here it is the one in the
    /// predecessor, if any.
    /// @dev `size` in the high 64 bits, below it the low 192 bits of keccak256(abi.encode(previous head, root, size,
    /// block number)), so that one slot stands for the whole history.
    /// @param submitter Whose log it is.
    function anchorHead(address submitter) external view returns (bytes32);

    /// @notice Whether a submitter anchored exactly these heads, one right after the other, the last of them being its
    /// newest.
    /// @param submitter Whose log it is.
    /// @param previous The submitter's `anchorHead` before the first of them, as in that one's event.
    /// @param heads Oldest first; none proves nothing.
    function verifyHead(address submitter, bytes32 previous, Head[] calldata heads) external view returns (bool);

    /// @notice Whether a leaf was in a submitter's log when `heads[0]` was anchored. Where it is true, the leaf was
    /// recorded no later than in block `heads[0].blockNumber`: compare that with the block you ask for.
    /// @dev RFC 9162 section 2.1.3.2; a path that is too short or too long proves nothing.
    /// @param submitter Whose log it is.
    /// @param leafHash RFC 6962 hash of the leaf, which is a record's id: SHA-256 of 0x00 and its bytes.
    /// @param index The leaf's position, from 0.
    /// @param path The inclusion proof in the log of `heads[0]`, from the leaf up.
    /// @param previous As for `verifyHead`.
    /// @param heads As for `verifyHead`: the head that covers the leaf, and all that the submitter anchored since.
    function verifyLeaf(
        address submitter,
        bytes32 leafHash,
        uint64 index,
        bytes32[] calldata path,
        bytes32 previous,
        Head[] calldata heads
    ) external view returns (bool);

    /// @notice Who may pause, resume, retire and hand over; nobody may change what is stored.
    function owner() external view returns (address);

    /// @notice Whom the owner offered the contract, zero for none.
    function pendingOwner() external view returns (address);

    /// @notice Whether writes are stopped.
    function paused() external view returns (bool);

    /// @notice The contract in whose favour this one was retired, zero while it was not.
    function successor() external view returns (address);

    /// @notice The contract whose logs go on in this one, zero for none.
    function predecessor() external view returns (address);
}
