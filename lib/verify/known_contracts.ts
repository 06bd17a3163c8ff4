/**
 * keccak256 of the code of every released ProofOfTraining contract. An anchor only means something when the contract behind it
 * is one of these: any other code could emit any event it likes.
 */
export const KNOWN_CODE_HASHES: readonly string[] = [
  "0x66efb63132cb0c1c75dc1432a2a541730c524d79466fd99aecd7b5bbe9bb9926",
  "0x99992e029693a61fd8889c8b427b70743bcb3182d83407ebe26229d88471111b",
];
