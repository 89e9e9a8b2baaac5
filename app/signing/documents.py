"""JSON documents that carry their own signature, such as reports.

Signed are the canonical bytes of the document without its field `signature`. They begin with a
brace, and no checkpoint does, so that neither can be taken for the other.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from aggregates.kernel.canonical import canonical
from app.signing.signing import Signature
from app.signing.signing import Signing
from app.signing.signing import Verdict

_FIELD = "signature"


def signed(signing: Signing, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its signature beside its fields; it holds no floats."""
    made = signing.sign(canonical(document))
    told = {"key_id": made.key_id, "algorithm": "ed25519", "value": b64encode(made.raw).decode()}
    return {**document, _FIELD: told}


def check(signing: Signing, document: Mapping[str, Any]) -> Verdict:
    """Whether this installation signed the document as it is. Without a signature: `forged`."""
    told = document.get(_FIELD)
    try:
        made = Signature(str(told["key_id"]), b64decode(told["value"], validate=True))  # type: ignore[index]
    except (KeyError, TypeError, binascii.Error):
        return "forged"
    rest = {name: value for name, value in document.items() if name != _FIELD}
    return signing.check(canonical(rest), made)
