"""Checkpoints as text: C2SP tlog-checkpoint, a signed note that other tools read too.

    rationale/shop                                          origin: whose log it is
    20852163                                                events
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=            root of the tree over them
    chain 9f6e..                                            chain hash of the last of them
    at 2026-11-27T12:00:00.000000Z                          when it was signed

    — rationale/shop Az3grlgtzPICa5OS8npVmf1Myq..           key id and Ed25519 signature

Signed is the text up to the empty line. The two lines below the root are extension lines.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from aggregates.kernel.clock import format_moment
from aggregates.kernel.clock import parse_moment
from aggregates.kernel.errors import TamperedLog
from aggregates.kernel.ids import SiteId
from app.signing.keys import PublicKey
from app.signing.signing import Signing

_DASH = "\N{EM DASH} "
_ED25519 = b"\x01"
_ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed. `position` is the number of events, and so the last one's position."""

    origin: str
    position: int
    root: bytes
    chain: bytes
    made_at: int

    @property
    def text(self) -> str:
        """The signed part of the note."""
        return (
            f"{self.origin}\n{self.position}\n{b64encode(self.root).decode()}\n"
            f"chain {self.chain.hex()}\nat {format_moment(self.made_at)}\n"
        )


def origin_of(site: SiteId) -> str:
    """The origin of a site's log; an installation is told from others by its key."""
    return f"rationale/{site}"


def signed_note(checkpoint: Checkpoint, signing: Signing) -> str:
    """The checkpoint as a signed note."""
    text = checkpoint.text
    made = signing.sign(text.encode())
    line = b64encode(note_key_id(checkpoint.origin, signing.public) + made.raw).decode()
    return f"{text}\n{_DASH}{checkpoint.origin} {line}\n"


def note_key_id(name: str, key: PublicKey) -> bytes:
    """A key's id within notes: four bytes, of its name too."""
    return sha256(name.encode() + b"\n" + _ED25519 + key.raw).digest()[:_ID_BYTES]


def verifier_key(name: str, key: PublicKey) -> str:
    """A public key as tools for signed notes take it."""
    encoded = b64encode(_ED25519 + key.raw).decode()
    return f"{name}+{note_key_id(name, key).hex()}+{encoded}"


def read_note(note: str) -> Checkpoint:
    """The checkpoint of a note, whoever signed it. TamperedLog `checkpoint_unreadable`."""
    text, gap, _ = note.rpartition("\n\n")
    try:
        origin, size, root, chain, at = text.split("\n")
        read = Checkpoint(
            origin,
            int(size),
            b64decode(root, validate=True),
            bytes.fromhex(chain.removeprefix("chain ")),
            parse_moment(at.removeprefix("at ")),
        )
    except (ValueError, binascii.Error):
        read = None
    if read is None or not gap or read.text != f"{text}\n":
        raise TamperedLog("checkpoint_unreadable", "a checkpoint is not what was written")
    return read


def check_note(note: str, keys: Iterable[PublicKey]) -> Checkpoint:
    """The checkpoint of a note that one of these keys signed, and nobody else. TamperedLog:
    `checkpoint_unreadable`, `checkpoint_unknown_key`, `checkpoint_forged`."""
    checkpoint = read_note(note)
    line = note[len(checkpoint.text) + 1 :]
    name, _, encoded = line.removeprefix(_DASH).removesuffix("\n").partition(" ")
    try:
        blob = b64decode(encoded, validate=True)
    except binascii.Error:
        blob = b""
    whole = f"{_DASH}{checkpoint.origin} {b64encode(blob).decode()}\n"
    if name != checkpoint.origin or line != whole:
        raise TamperedLog("checkpoint_unreadable", "a checkpoint is not what was written")
    named = [key for key in keys if note_key_id(name, key) == blob[:_ID_BYTES]]
    where = {"position": checkpoint.position}
    if not named:
        detail = "a checkpoint is signed by a key that is not known here"
        raise TamperedLog("checkpoint_unknown_key", detail, **where)
    if not any(key.fits(checkpoint.text.encode(), blob[_ID_BYTES:]) for key in named):
        raise TamperedLog("checkpoint_forged", "a checkpoint's signature does not fit", **where)
    return checkpoint
