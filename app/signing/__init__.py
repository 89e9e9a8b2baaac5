"""The installation's Ed25519 key: what it signs can be checked by anyone with the public key."""
