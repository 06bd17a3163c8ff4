// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The prototype's contract, built as its documentation lays it out
/// @notice For comparing gas only: a record is a struct of strings and words in storage.
contract LiteralProofOfTraining {
    address public owner;
    uint256 private transactionCounter;
    bool public paused;

    struct HashRecord {
        string hash;
        string metadata;
        uint256 timestamp;
        uint256 blockNumber;
        address submitter;
        bool exists;
    }

    mapping(uint256 => HashRecord) private hashRecords;

    event HashStored(
        uint256 indexed transactionId,
        string indexed hashValue,
        address indexed submitter,
        uint256 timestamp,
        uint256 blockNumber
    );
    event ContractPaused(address indexed owner, uint256 timestamp);
    event ContractUnpaused(address indexed owner, uint256 timestamp);

    modifier onlyOwner() {
        require(msg.sender == owner, "Only the owner can call this function");
        _;
    }

    modifier whenNotPaused() {
        require(!paused, "Contract is paused");
        _;
    }

    constructor() {
        owner = msg.sender;
    }

    function storeHash(string memory _hash, string memory _metadata)
        external
        whenNotPaused
        returns (uint256 transactionId)
    {
        require(bytes(_hash).length == 64, "Invalid hash");
        require(bytes(_metadata).length <= 2048, "Metadata too large");
        transactionId = ++transactionCounter;
        hashRecords[transactionId] =
            HashRecord(_hash, _metadata, block.timestamp, block.number, msg.sender, true);
        emit HashStored(transactionId, _hash, msg.sender, block.timestamp, block.number);
    }

    function getHash(uint256 _transactionId)
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
        HashRecord storage record = hashRecords[_transactionId];
        require(record.exists, "Unknown transaction");
        return (record.hash, record.metadata, record.timestamp, record.blockNumber, record.submitter);
    }

    function verifyHash(string memory _hash, uint256 _transactionId) external view returns (bool matches) {
        HashRecord storage record = hashRecords[_transactionId];
        return record.exists && keccak256(bytes(record.hash)) == keccak256(bytes(_hash));
    }

    function getTransactionCount() external view returns (uint256 count) {
        return transactionCounter;
    }

    function transactionExists(uint256 _transactionId) external view returns (bool exists) {
        return hashRecords[_transactionId].exists;
    }

    function pauseContract() external onlyOwner {
        paused = true;
        emit ContractPaused(msg.sender, block.timestamp);
    }

    function unpauseContract() external onlyOwner {
        paused = false;
        emit ContractUnpaused(msg.sender, block.timestamp);
    }

    function transferOwnership(address _newOwner) external onlyOwner {
        require(_newOwner != address(0), "Invalid owner");
        owner = _newOwner;
    }
}
