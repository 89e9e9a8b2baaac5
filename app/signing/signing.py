"""Signs with the installation's key, and checks by every key that it ever signed with.

The key is `RATIONALE_SIGNING_KEY` (PEM, or the path of one), else `signing.key` in the data folder,
made on first use. Each key's public half stays in the folder `signing-keys` for ever, so that what
was signed before a rotation can be checked after it. It is outside the database on purpose: who can
rewrite the database must not be able to name the key that his rewriting is checked by.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.config import BadSettings
from app.config import Settings
from app.kept_files import made_once
from app.signing.keys import PublicKey
from app.signing.keys import new_private_pem
from app.signing.keys import private_of
from app.signing.keys import public_in
from app.signing.keys import public_of

SIGNING_FILE = "signing.key"
PUBLIC_FOLDER = "signing-keys"
_SETTING = "RATIONALE_SIGNING_KEY"
Verdict = Literal["valid", "forged", "unknown_key"]


@dataclass(frozen=True, slots=True)
class Signature:
    """64 bytes, and the id of the key that made them."""

    key_id: str
    raw: bytes


class Signing:
    """The key of one installation; nothing is read or made before it is asked for."""

    def __init__(self, settings: Settings) -> None:
        self._given = settings.signing_key
        self._data_dir = settings.data_dir

    def sign(self, data: bytes) -> Signature:
        """The signature of these bytes by the current key."""
        return Signature(self.public.key_id, self._private.sign(data))

    def check(self, data: bytes, signature: Signature) -> Verdict:
        """Whether a key of this installation, the current or a former one, signed these bytes."""
        key = self.known().get(signature.key_id)
        if key is None:
            return "unknown_key"
        return "valid" if key.fits(data, signature.raw) else "forged"

    @cached_property
    def public(self) -> PublicKey:
        """The public half of the current key."""
        return public_of(self._private)

    def known(self) -> dict[str, PublicKey]:
        """All public keys by id, the current one first; makes none."""
        folder = self._data_dir / PUBLIC_FOLDER
        found = [public_in(path.read_bytes(), str(path)) for path in sorted(folder.glob("*.pub"))]
        if self.has_key():
            found.insert(0, public_of(private_of(*self._pem())))
        return {key.key_id: key for key in found}

    def has_key(self) -> bool:
        """Whether there is a key already."""
        return bool(self._given) or (self._data_dir / SIGNING_FILE).exists()

    def rotate(self) -> PublicKey:
        """Puts a new key in the place of the kept one, which is forgotten but for its public half.
        BadSettings if the key is given from outside: then a new one is given."""
        if self._given:
            msg = f"the key is given by {_SETTING}: name a new one there, the old one stays known"
            raise BadSettings(msg)
        assert self.public  # its public half is kept before it goes
        path = self._data_dir / SIGNING_FILE
        draft = path.with_name(f".{SIGNING_FILE}.next")
        draft.unlink(missing_ok=True)
        made_once(draft, new_private_pem)
        os.replace(draft, path)
        for name in ("_private", "public"):
            self.__dict__.pop(name, None)
        return self.public

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        try:
            key = private_of(*self._pem())
            public = public_of(key)
            folder = self._data_dir / PUBLIC_FOLDER
            folder.mkdir(parents=True, exist_ok=True)
            made_once(folder / f"{public.key_id}.pub", public.pem.encode)
        except OSError as error:
            msg = f"cannot keep signing keys in {self._data_dir}: {error.strerror}"
            raise BadSettings(msg) from error
        return key

    def _pem(self) -> tuple[bytes, str]:
        """The PEM and the words for where it is from."""
        if not self._given:
            path = self._data_dir / SIGNING_FILE
            self._data_dir.mkdir(parents=True, exist_ok=True)
            return made_once(path, new_private_pem), str(path)
        if "-----BEGIN" in self._given:
            return self._given.replace("\\n", "\n").encode(), _SETTING
        path = Path(self._given)
        if not path.is_file():
            msg = f"{_SETTING} names no file: it is a PEM, or the path of one"
            raise BadSettings(msg)
        return path.read_bytes(), f"the file of {_SETTING}"
