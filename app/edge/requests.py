"""One log line and one count for every request, by route pattern."""

from __future__ import annotations

import itertools
import secrets
import time

from flask import Flask
from flask import Response
from flask import g
from flask import request

from app.edge import logging
from app.edge.metrics import Metrics


def register(app: Flask, metrics: Metrics) -> None:
    """Hooks the app: a request id and the start before, the line and the count after."""
    prefix = secrets.token_hex(4)
    numbers = itertools.count(1)

    def begin() -> None:
        g.started = time.perf_counter()

    def end(answer: Response) -> Response:
        seconds = time.perf_counter() - g.started
        rule = request.url_rule
        route = rule.rule if rule is not None else "(none)"
        method = request.method if rule is not None else "(any)"
        status = answer.status_code
        metrics.answered(method, route, status, seconds)
        request_id = f"{prefix}-{next(numbers):x}"
        answer.headers["Request-Id"] = request_id
        fields = {
            "event": "request",
            "method": method,
            "route": route,
            "status": status,
            "duration_us": int(seconds * 1e6),
            "request_id": request_id,
        }
        caller = g.get("caller")
        if caller is not None:
            fields["site"] = caller.site
            fields["key_id"] = caller.key_id
        code = g.get("code")
        if code is not None:
            fields["code"] = code
        decision_id = g.get("decision_id")
        if decision_id is not None:
            fields["decision_id"] = decision_id
        logging.request_line(fields)
        return answer

    app.before_request(begin)
    app.after_request(end)
