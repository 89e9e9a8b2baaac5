"""A process of its own that drafts rules and publishes each: `publisher.py DATA URL NAME COUNT`."""

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
    """Says `ready`, waits for a line, then publishes; after each it asks what decides."""
    folder, url, name, count = sys.argv[1:]
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
        made = author.made("POST", "/v1/cart-rules", {**RULE, "key": f"{name}-{number}"})
        published = author.made("POST", f"/v1/cart-rules/{made['id']}/publish")
        assert services.revisions.current(SITE).revision >= published["revision"]
        sys.stdout.write(f"{published['revision']}\n")
    services.close()


if __name__ == "__main__":
    main()
