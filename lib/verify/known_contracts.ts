/**
 * keccak256 of the code of every released ProofOfTraining contract. An anchor only means something when the contract behind it
 * is one of these: any other code could emit any event it likes.
 */
export const KNOWN_CODE_HASHES: readonly string[] = [
  "0x66efb63132cb0c1c75dc1432a2a541730c524d79466fd99aecd7b5bbe9bb9926",
  "0x70bf4ae26f02cff6ea113e36ebcdec605404d919e68cc8c45ac99340f20b3ab9",
];
