"""All checks in their order: files, stores, then what is in them, if they can be read."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from aggregates.kernel.clock import Clock
from aggregates.kernel.ids import SiteId
from app import issuing
from app.config import BadSettings
from app.config import Settings
from app.doctor import api_keys
from app.doctor import counters
from app.doctor import databases
from app.doctor import files
from app.doctor import jobs
from app.doctor import settings as asked
from app.doctor import signing_keys
from app.doctor import sites
from app.doctor import uploads
from app.doctor.finding import Finding
from app.doctor.finding import guarded
from app.engines import STORES
from app.wiring import Services
from app.wiring import build


def examine(
    environment: Mapping[str, str],
    clock: Clock | None = None,
    free: Callable[[Path], int] = files.free_bytes,
) -> list[Finding]:
    """What is found, of an installation as the environment names it. Raises nothing."""
    found: list[Finding] = []
    try:
        settings = asked.looked_at(environment)
    except BadSettings as error:
        found.append(Finding("settings", str(error), "correct the environment"))
        settings = _usable(environment)
    kept = not environment.get("RATIONALE_SECRET_KEY")
    found += _of_files(settings, kept, free)
    stores = [
        finding
        for store in STORES
        for finding in guarded(f"{store}_store", partial(databases.answering, settings, store))
    ]
    found += stores
    if not stores:
        found += guarded("services", partial(_of_services, settings, kept, clock))
    return found


def _of_files(settings: Settings, kept: bool, free: Callable[[Path], int]) -> Iterator[Finding]:
    data_dir = settings.data_dir
    paths = databases.sqlite_files(settings)
    if kept or paths:
        yield from guarded("data_folder", partial(files.writable, data_dir))
    folders = [data_dir, *(path.parent for path in paths)]
    yield from guarded("disk_space", partial(files.space, folders, free))
    yield from guarded("file_modes", partial(files.private, data_dir, paths))
    if kept:
        yield from guarded("secret", partial(files.secret, data_dir))
    yield from guarded("signing_key", partial(signing_keys.usable, settings))


def _of_services(settings: Settings, kept: bool, clock: Clock | None) -> Iterator[Finding]:
    """The services only read here, so that the secret does not matter."""
    services = build(settings, clock)
    try:
        if kept:
            look = partial(api_keys.under_this_secret, services, settings.data_dir)
            yield from guarded("secret", look)
        names = issuing.sites_asked(services.stores.log, services.log, None)
        yield from guarded("scheduler", partial(jobs.leader, services, names))
        for site in names:
            yield from _of_site(services, site)
    finally:
        services.close()


def _of_site(services: Services, site: SiteId) -> Iterator[Finding]:
    yield from guarded("follower", partial(sites.following, services, site))
    yield from guarded("settlement", partial(sites.settling, services, site))
    yield from guarded("erasure", partial(sites.erasing, services, site))
    yield from guarded("rebuild", partial(sites.rebuilding, services, site))
    yield from guarded("job", partial(jobs.runs, services, site))
    yield from guarded("model", partial(sites.model, services, site))
    yield from guarded("counters", partial(counters.of_limits, services, site))
    yield from guarded("uploads", partial(uploads.of_coupons, services, site))


def _usable(environment: Mapping[str, str]) -> Settings:
    """What can be used of settings of which some cannot: the rest is checked all the same."""
    names = ("RATIONALE_DATABASE_URL", "RATIONALE_KEYS_URL", "RATIONALE_DATA_DIR")
    given = {name: environment[name] for name in names if environment.get(name)}
    return asked.looked_at(given)
