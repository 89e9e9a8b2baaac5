"""A streamed body under an Idempotency-Key: its digest must be known before it is acted on."""

from __future__ import annotations

import hashlib
import tempfile

from flask import Response
from flask import after_this_request
from flask import g
from flask import request

from aggregates.kernel.limits import SPOOL_BYTES_MAX
from app.edge.body import announced
from app.edge.body import cut_short
from app.edge.problems import TooLarge

_CHUNK = 262_144
_IN_MEMORY = 4_000_000


def spooled() -> None:
    """Puts the stream into a temporary file, takes its digest, hands the file on as the body."""
    environ = request.environ
    stream = environ["wsgi.input"]
    length = announced(environ)
    left = SPOOL_BYTES_MAX + 1 if length is None else length
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115

    @after_this_request
    def close(answer: Response) -> Response:
        file.close()
        return answer

    sha = hashlib.sha256()
    size = 0
    while left and (part := stream.read(min(_CHUNK, left))):
        size += len(part)
        left -= len(part)
        if size > SPOOL_BYTES_MAX:
            detail = f"at most {SPOOL_BYTES_MAX} bytes with an Idempotency-Key"
            raise TooLarge("body_too_large", detail, limit=SPOOL_BYTES_MAX)
        sha.update(part)
        file.write(part)
    if length is not None and left:
        raise cut_short()
    file.seek(0)
    environ["wsgi.input"] = file
    environ["CONTENT_LENGTH"] = str(size)
    g.body_digest = sha.hexdigest()
