// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Evidence of how models were trained: hashes with metadata, and heads of append-only logs
/// @notice Anybody may write, under their own address. Nothing written is ever changed or removed.
/// It proves that these bytes existed at that time and were sent by that account, and nothing about their truth.
interface IProofOfTraining {
    /// @notice The caller is not the owner.
    /// @param caller Who called.
    error NotOwner(address caller);

    /// @notice That address cannot own the contract.
    /// @param owner The refused address, which is zero.
    error InvalidOwner(address owner);

    /// @notice The owner has stopped writes. Reads go on.
    error WritesPaused();

    /// @notice Writes are not stopped, so there is nothing to resume.
    error WritesNotPaused();

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
    /// @param size Number of leaves; greater than at the caller's last anchor.
    function anchor(bytes32 root, uint64 size) external;

    /// @notice Stops all writes. Only the owner can.
    function pauseContract() external;

    /// @notice Resumes writes. Only the owner can.
    function unpauseContract() external;

    /// @notice Hands the contract over, at once. Only the owner can.
    /// @param newOwner The next owner, not zero.
    function transferOwnership(address newOwner) external;

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

    /// @notice The last head that a submitter anchored, zero for none.
    /// @dev `size` in the high 64 bits, below it the low 192 bits of
    /// keccak256(abi.encode(previous head, root, size, block number)), so that one slot stands for the whole history.
    /// @param submitter Whose log it is.
    function anchorHead(address submitter) external view returns (bytes32);

    /// @notice Who may pause, resume and hand over; nobody may change what is stored.
    function owner() external view returns (address);

    /// @notice Whether writes are stopped.
    function paused() external view returns (bool);
}
