#!/usr/bin/env python3
"""Checks a proof of Rationale's log with the public key alone.

    python verify_proof.py --key public.pem --site shop proof.json [--decision DECISION_ID]

Give --key once more for each key that the service signed with before or since: you need both when
one checkpoint of a proof is older than a change of the key. Give --kept with a checkpoint of yours:
the proof of consistency has to begin with that one. --show prints what the proven event says.

Needs Python 3.9 and the package `cryptography`, nothing of the service: it is meant to be read.
A proof of inclusion shows that one event stands at its position in the log that a checkpoint was
signed for. A proof of consistency shows that the log of a later checkpoint begins with all of that
of a former one. Exits with 0 if the proof holds, with 1 and a sentence if it does not.
"""

from __future__ import annotations

import argparse
import base64
import json
import struct
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

INCLUSION = "rationale-inclusion-proof-v1"
CONSISTENCY = "rationale-consistency-proof-v1"
Keys = list[Ed25519PublicKey]


class Refused(Exception):
    """The proof does not hold; the message says why."""


def chain_hash(previous: bytes, event: dict[str, Any]) -> bytes:
    """SHA-256 over the hash of the event before, then each column as length and bytes."""
    hashed = sha256(previous)
    for value in (
        event["site"].encode(),
        struct.pack(">q", event["position"]),
        bytes.fromhex(event["stream_id"]),
        struct.pack(">q", event["version"]),
        event["topic"].encode(),
        None if event["shopper_id"] is None else event["shopper_id"].encode(),
        struct.pack(">q", event["occurred_at"]),
        struct.pack(">q", event["recorded_at"]),
        base64.b64decode(event["state"], validate=True),
    ):
        if value is None:
            hashed.update(b"\xff\xff\xff\xff")
        else:
            hashed.update(struct.pack(">I", len(value)) + value)
    return hashed.digest()


def node(left: bytes, right: bytes) -> bytes:
    """An inner node of the tree (RFC 9162, 2.1.1)."""
    return sha256(b"\x01" + left + right).digest()


def root_by_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that a leaf and its siblings make (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Refused("the event is not within the checkpoint")
    at, last, made = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise Refused("the path is longer than the tree is high")
        if at % 2 or at == last:
            made = node(sibling, made)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            made = node(made, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise Refused("the path is shorter than the tree is high")
    return made


def roots_by_consistency(
    former: int, later: int, former_root: bytes, path: list[bytes]
) -> tuple[bytes, bytes]:
    """The roots of both sizes that the path makes (RFC 9162, 2.1.4.2)."""
    if not 0 < former <= later:
        raise Refused("the former checkpoint is empty, or not the former")
    if former == later:
        if path:
            raise Refused("two checkpoints of one size need no path")
        return former_root, former_root
    nodes = [former_root, *path] if former & (former - 1) == 0 else list(path)
    if not nodes:
        raise Refused("the path is empty")
    at, last = former - 1, later - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    first = second = nodes[0]
    for sibling in nodes[1:]:
        if last == 0:
            raise Refused("the path is longer than the tree is high")
        if at % 2 or at == last:
            first, second = node(sibling, first), node(sibling, second)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node(second, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise Refused("the path is shorter than the tree is high")
    return first, second


def key_id(key: Ed25519PublicKey, origin: str) -> bytes:
    """What a signature names its key by (C2SP signed notes)."""
    return sha256(origin.encode() + b"\n\x01" + key.public_bytes_raw()).digest()[:4]


def signed_checkpoint(note: str, keys: Keys, site: str) -> tuple[int, bytes, bytes, str]:
    """Events, root, last chain hash and moment of a checkpoint that one of these keys signed."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    origin = f"rationale/{site}"
    known = {key_id(key, origin): key for key in keys}
    for line in signatures.splitlines():
        dash, name, encoded = [*line.split(" "), "", ""][:3]
        blob = base64.b64decode(encoded, validate=True)
        if (dash, name) == ("\u2014", origin) and blob[:4] in known:
            try:
                known[blob[:4]].verify(blob[4:], text.encode())
            except InvalidSignature:
                raise Refused("the checkpoint's signature does not fit") from None
            break
    else:
        raise Refused("the checkpoint is not signed by a key that you gave, for this site")
    named, size, root, chain, at = text.splitlines()
    if named != origin:
        raise Refused("the checkpoint is of another log")
    hashes = base64.b64decode(root, validate=True), bytes.fromhex(chain.split(" ")[1])
    return int(size), *hashes, at.split(" ", 1)[1]


def check_inclusion(proof: dict[str, Any], keys: Keys, site: str) -> str:
    """What the proof shows, as a sentence."""
    event = proof["event"]
    size, root, last_chain, at = signed_checkpoint(proof["checkpoint"], keys, site)
    if event["site"] != site:
        raise Refused("the event is of another site")
    chained = chain_hash(bytes.fromhex(proof["previous_hash"]), event)
    path = [base64.b64decode(each, validate=True) for each in proof["path"]]
    leaf = sha256(b"\x00" + chained).digest()
    if root_by_inclusion(leaf, event["position"] - 1, size, path) != root:
        raise Refused("the event is not in the log that was signed")
    if event["position"] == size and chained != last_chain:
        raise Refused("the checkpoint names another last event")
    return (
        f"{event['topic']} stands at position {event['position']} of the log of {site},"
        f" signed with {size} events at {at}"
    )


def check_consistency(proof: dict[str, Any], keys: Keys, site: str, kept: str | None) -> str:
    """What the proof shows, as a sentence."""
    if kept is not None and proof["from"].rpartition("\n\n")[0] != kept.rpartition("\n\n")[0]:
        raise Refused("the former checkpoint is another than the one that you kept")
    former, former_root, _, _ = signed_checkpoint(proof["from"], keys, site)
    later, later_root, _, at = signed_checkpoint(proof["to"], keys, site)
    path = [base64.b64decode(each, validate=True) for each in proof["path"]]
    if roots_by_consistency(former, later, former_root, path) != (former_root, later_root):
        raise Refused("the later log does not begin with the former one")
    return f"the log of {site} grew from {former} to {later} events, signed at {at}, unchanged"


def open_in(event: dict[str, Any]) -> dict[str, Any]:
    """What an event says in the open."""
    state = json.loads(base64.b64decode(event["state"], validate=True))
    opened: dict[str, Any] = state["open"]
    return opened


def public_key(file: Path) -> Ed25519PublicKey:
    """The key in a file; ValueError if it holds none of this kind."""
    try:
        key = load_pem_public_key(file.read_bytes())
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(f"{file} holds no Ed25519 public key")
    return key


def main() -> int:
    """Reads the arguments; 0 if the proof holds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("proof", type=Path)
    parser.add_argument(
        "--key", type=Path, action="append", required=True, help="public key, PEM; may be repeated"
    )
    parser.add_argument("--site", required=True, help="whose log it is said to be")
    parser.add_argument("--kept", type=Path, help="a checkpoint that you kept a copy of")
    parser.add_argument("--decision", help="the decision that it is said to be about")
    parser.add_argument("--show", action="store_true", help="print what the event says")
    asked = parser.parse_args()
    try:
        keys = [public_key(file) for file in asked.key]
        written = asked.proof.read_bytes()
        kept = None if asked.kept is None else asked.kept.read_text("utf-8")
    except (OSError, ValueError) as error:
        parser.error(str(error))
    try:
        proof = json.loads(written)
        if proof["format"] == CONSISTENCY and asked.decision is None:
            said = check_consistency(proof, keys, asked.site, kept)
        elif proof["format"] == INCLUSION and kept is None:
            said = check_inclusion(proof, keys, asked.site)
            if asked.decision is not None:
                if proof["event"]["topic"] != "DecisionRecorded":
                    raise Refused("the event is no decision")
                found = open_in(proof["event"])["decision_id"]
                if found != asked.decision:
                    raise Refused(f"the event is the decision {found}")
                said += f": it is the decision {found}"
            if asked.show:
                said += "\n" + json.dumps(open_in(proof["event"]), indent=2)
        else:
            raise Refused("this is another kind of proof")
    except Refused as error:
        print(f"REFUSED: {error}")
        return 1
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, struct.error) as error:
        print(f"REFUSED: the proof cannot be read ({type(error).__name__})")
        return 1
    print(f"PROVEN: {said}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
