"""Ed25519 keys as they are written, read and named.

A key's id is the beginning of the SHA-256 of its 32 public bytes: whoever signs names it, whoever
checks looks the public key up by it among those that he trusts.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.config import BadSettings

_ID_DIGITS = 32  # 128 bits: nobody makes another key by the same id


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The 32 bytes of a public key, whose id is made from them."""

    raw: bytes

    @property
    def key_id(self) -> str:
        """32 hex digits."""
        return hashlib.sha256(self.raw).hexdigest()[:_ID_DIGITS]

    @property
    def pem(self) -> str:
        """SubjectPublicKeyInfo, as openssl reads it."""
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return key.public_bytes(encoding, form).decode()

    def fits(self, data: bytes, signature: bytes) -> bool:
        """Whether this key made the signature of these bytes."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def to_json(self) -> dict[str, Any]:
        """As it is printed and served."""
        return {
            "key_id": self.key_id,
            "algorithm": "ed25519",
            "public_key": b64encode(self.raw).decode(),
            "pem": self.pem,
        }


def new_private_pem() -> bytes:
    """A new private key as PEM without a password: the file's mode guards it."""
    form = serialization.PrivateFormat.PKCS8
    none = serialization.NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(serialization.Encoding.PEM, form, none)


def private_of(pem: bytes, where: str) -> Ed25519PrivateKey:
    """The private key in a PEM; BadSettings, without a word of it, if there is none."""
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        msg = f"{where} is no Ed25519 private key in PEM (openssl genpkey -algorithm ed25519)"
        raise BadSettings(msg)
    return key


def public_of(key: Ed25519PrivateKey) -> PublicKey:
    """Its public half."""
    return PublicKey(key.public_key().public_bytes_raw())


def public_in(pem: bytes, where: str) -> PublicKey:
    """The public key in a PEM; BadSettings if there is none."""
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        msg = f"{where} is no Ed25519 public key in PEM"
        raise BadSettings(msg)
    return PublicKey(key.public_bytes_raw())
