"""A process of its own that drafts rules and publishes each: `publisher.py DATA URL NAME COUNT`.

With `codes` as a fifth word each rule has a code, which other publishers give to theirs as well.
"""

from __future__ import annotations

import sys

from aggregates.kernel.ids import SiteId
from app.commands.keys import issued_key
from app.config import Settings
from app.edge.callers import SCOPES
from app.factory import create_app
from app.wiring import build
from tests.authors import RULE
from tests.authors import Author

SITE = SiteId("shop")


def main() -> None:
    """Says `ready`, waits for a line, then publishes; after each it asks what decides. A refused
    publish is said as its code."""
    folder, url, name, count, *more = sys.argv[1:]
    settings = Settings.from_environment(
        {"RATIONALE_DATA_DIR": folder, "RATIONALE_DATABASE_URL": url}
    )
    services = build(settings)
    key = issued_key(services, "shop", tuple(sorted(SCOPES)), name).token
    author = Author(services, create_app(services).test_client(), key)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for number in range(int(count)):
        body = {**RULE, "key": f"{name}-{number}"}
        if more:
            code = f"code-{number}" if name == "one" else f"CODE-{number}"
            body["coupon"] = {"type": "specific", "code": code}
        made = author.made("POST", "/v1/cart-rules", body)
        answer = author.call("POST", f"/v1/cart-rules/{made['id']}/publish")
        if answer.status_code == 422:
            sys.stdout.write(f"{answer.json['errors'][0]['code']}\n")
            continue
        assert answer.status_code == 200, answer.json
        assert services.revisions.current(SITE).revision >= answer.json["revision"]
        sys.stdout.write(f"{answer.json['revision']}\n")
    services.close()


if __name__ == "__main__":
    main()
