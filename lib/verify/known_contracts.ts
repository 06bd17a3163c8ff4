/**
 * keccak256 of the code of every released ProofOfTraining contract. An anchor only means something when the contract behind it
 * is one of these: any other code could emit any event it likes.
 */
export const KNOWN_CODE_HASHES: readonly string[] = [
  "0x66efb63132cb0c1c75dc1432a2a541730c524d79466fd99aecd7b5bbe9bb9926",
  "0xcaa646903e3ff9b662810dd85784cc585c2b7ff82b1c7be25533ce74dcf8c0a1",
];
