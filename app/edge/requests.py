"""One log line and one count for every request, by route pattern. No address holds a NUL."""

from __future__ import annotations

import itertools
import secrets
import time

from flask import Flask
from flask import Response
from flask import g
from flask.globals import app_ctx
from flask.globals import request_ctx

from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import Problem
from app.edge import logging
from app.edge.metrics import Metrics


def register(app: Flask, metrics: Metrics) -> None:
    """Hooks the app: the start before, then the request id, the line and the count after."""
    prefix = secrets.token_hex(4)
    numbers = itertools.count(1)

    def begin() -> None:
        g.started = time.perf_counter()
        environ = request_ctx.request.environ
        if "\0" in environ["PATH_INFO"] or "%00" in environ["QUERY_STRING"]:
            raise InvalidInput([Problem("", "nul_in_string", "the address holds a NUL")])

    def end(answer: Response) -> Response:
        kept = app_ctx.g
        request = request_ctx.request
        seconds = time.perf_counter() - kept.started
        rule = request.url_rule
        route, method = ("(none)", "(any)") if rule is None else (rule.rule, request.method)
        status = answer.status_code
        metrics.answered(method, route, status, seconds)
        request_id = f"{prefix}-{next(numbers):x}"
        answer.headers.add("Request-Id", request_id)
        fields = {
            "event": "request",
            "method": method,
            "route": route,
            "status": status,
            "duration_us": int(seconds * 1e6),
            "request_id": request_id,
        }
        caller = kept.get("caller")
        if caller is not None:
            fields["site"] = caller.site
            fields["key_id"] = caller.key_id
        for name in ("code", "decision_id"):
            value = kept.get(name)
            if value is not None:
                fields[name] = value
        logging.request_line(fields)
        return answer

    app.before_request(begin)
    app.after_request(end)
