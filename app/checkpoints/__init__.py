"""Signed checkpoints of a site's log: a Merkle tree over it, its heads, proofs from it."""
