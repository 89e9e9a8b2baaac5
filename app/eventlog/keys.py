"""The key store: one random pseudonym and one random key for each client id, and one for a site.

Of an id only its HMAC under the pepper is kept. A pseudonym is committed before the first event
that uses it. Destroying a key makes all that was sealed under it unreadable for ever; the id then
gets a new pseudonym when it comes back. Other processes notice within `NOTICE_S`, and until then
write nothing under the old one, for the log refuses it (app/eventlog/judge.py).
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from hashlib import blake2b

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from aggregates.kernel.clock import Random
from aggregates.kernel.clock import SystemRandom
from aggregates.kernel.errors import NotFound
from aggregates.kernel.ids import Pseudonym
from aggregates.kernel.ids import SiteId
from app.eventlog.key_tables import destructions
from app.eventlog.key_tables import pseudonyms
from app.eventlog.key_tables import shopper_keys
from app.eventlog.recent import Recent
from app.eventlog.touched import touch
from app.scrubbing import scrub
from projections.upserts import insert_or_add
from projections.upserts import insert_or_keep

MEMORY_S = 60.0
MEMORY_ENTRIES = 50_000
NOTICE_S = 1.0
"""How often a process that works with keys asks whether others destroyed some."""
SITE_KEY = Pseudonym("site")
"""Stands in the place of a pseudonym for the key of what belongs to no shopper."""

_PAGE = 500
_MADE_AT_ONCE = 256  # keys of nobody: a commit each would cost more than the decision it seals


class KeyStore:
    """Implements aggregates.log.Pseudonyms; the codec asks it for ciphers."""

    def __init__(self, engine: Engine, pepper: bytes, random: Random | None = None) -> None:
        self._engine = engine
        self._mac = hmac.new(pepper, digestmod="sha256")  # copied: setting a key up is dear
        self._random = random or SystemRandom()
        self._secret = secrets.token_bytes(32)
        self.forget()
        self._nobodies: dict[SiteId, list[Pseudonym]] = {}
        self._destructions = -1
        self._look_at = 0.0

    def digest(self, site: SiteId, kind: str, value: str) -> str:
        """The HMAC of a value under the pepper: equal values of a site and kind are equal."""
        digest = self._digest(site, kind, value).hex()
        touch((digest,))
        return digest

    def of(self, site: SiteId, kind: str, value: str) -> Pseudonym:
        """The pseudonym of a client id, made if new; durable when it returns."""
        self._look()
        mark = self._mark(site, kind, value)
        asked = self._asked
        name = asked.get(mark)
        if name is None:
            name = self.of_many(site, [(kind, value)])[0]
            asked.put(mark, name)
        touch((name,))
        return name

    def of_many(self, site: SiteId, ids: Sequence[tuple[str, str]]) -> list[Pseudonym]:
        """The same for many ids, with one transaction for all that are new."""
        self._look()
        digests = [self._digest(site, kind, value) for kind, value in ids]
        known = self._known(site, digests)
        new = sorted(set(digests) - known.keys())
        if new:
            known |= self._make(site, new)
        touch(known.values())
        return [known[digest] for digest in digests]

    def find(self, site: SiteId, kind: str, value: str) -> Pseudonym | None:
        """The pseudonym of a client id, if it has one."""
        self._look()
        name = self._asked.get(self._mark(site, kind, value))
        if name is None:
            digest = self._digest(site, kind, value)
            name = self._known(site, [digest]).get(digest)
        if name is not None:
            touch((name,))
        return name

    def nobody(self, site: SiteId) -> Pseudonym:
        """A new name that stands for no id, with a key of its own: what is sealed under it can be
        forgotten alone. Keys of some that are never used stay where a process ends."""
        ready = self._nobodies.setdefault(site, [])
        try:
            return ready.pop()
        except IndexError:
            made = self._insert_names(site, _MADE_AT_ONCE)
            ready.extend(made[1:])
            return made[0]

    def cipher(self, site: SiteId, name: Pseudonym) -> AESGCM | None:
        """The cipher of a pseudonym's key, None if that was destroyed; NotFound if it has none."""
        self._look()
        found = self._ciphers.get((site, name))
        if found is None:
            return self.ciphers(site, [name])[name]
        touch((name,))
        return found

    def ciphers(self, site: SiteId, names: Collection[Pseudonym]) -> dict[Pseudonym, AESGCM | None]:
        """The ciphers of many keys. A site's own key is made when it is first asked for."""
        self._look()
        touch(names)
        found: dict[Pseudonym, AESGCM | None] = {
            name: cipher for name in names if (cipher := self._ciphers.get((site, name)))
        }
        missing = sorted(set(names) - found.keys())
        if missing:
            with self._engine.connect() as connection:
                found |= self._stored(connection, site, missing)
        if SITE_KEY in names and SITE_KEY not in found:
            with self._engine.execution_options(writing=True).begin() as connection:
                self._keep_site_key(connection, site)
            with self._engine.connect() as connection:
                found |= self._stored(connection, site, [SITE_KEY])
        if set(names) - found.keys():
            raise NotFound("key_unknown", "a pseudonym without a key")
        return found

    def known_ciphers(self, site: SiteId, names: Collection[Pseudonym]) -> dict[Pseudonym, AESGCM]:
        """The ciphers of those of these keys that are there."""
        self._look()
        touch(names)
        found = {name: known for name in names if (known := self._ciphers.get((site, name)))}
        missing = sorted(set(names) - found.keys())
        if missing:
            with self._engine.connect() as connection:
                stored = self._stored(connection, site, missing)
            found |= {name: cipher for name, cipher in stored.items() if cipher is not None}
        return found

    def destroyed(self, site: SiteId, names: Sequence[Pseudonym]) -> dict[Pseudonym, int | None]:
        """When the key of each of these pseudonyms was destroyed, None if it was not; what is no
        pseudonym of the site is absent. Always read anew: another process may have destroyed it."""
        found: dict[Pseudonym, int | None] = {}
        c = shopper_keys.c
        with self._engine.connect() as connection:
            for start in range(0, len(names), _PAGE):
                page = names[start : start + _PAGE]
                rows = connection.execute(
                    select(c.pseudonym, c.destroyed_at).where(c.site == site, c.pseudonym.in_(page))
                )
                found |= {Pseudonym(name): at for name, at in rows}
        return found

    def destroy(self, site: SiteId, names: Collection[Pseudonym], at: int) -> None:
        """Destroys these pseudonyms' keys and forgets which ids had them. Durable when it returns;
        doing it again changes nothing."""
        which = sorted(names)
        with self._engine.execution_options(writing=True).begin() as connection:
            for start in range(0, len(which), _PAGE):
                self._destroy(connection, site, which[start : start + _PAGE], at)
            noted = insert_or_add(self._engine.dialect.name, destructions, "number")
            connection.execute(noted, {"site": site, "number": 1})
        self.forget()
        self.scrub()

    def scrub(self) -> bool:
        """Whether nothing of what was destroyed is left in the store's files."""
        return scrub(self._engine, (pseudonyms, shopper_keys))

    def forget(self) -> None:
        """Forgets what this process remembers; it is in the store. The memories are new ones, so
        that nobody puts into them what was read before."""
        self._names = Recent[bytes, Pseudonym](MEMORY_ENTRIES, MEMORY_S)
        self._asked = Recent[bytes, Pseudonym](MEMORY_ENTRIES, MEMORY_S)
        self._ciphers = Recent[tuple[str, str], AESGCM](MEMORY_ENTRIES, MEMORY_S)

    def _look(self) -> None:
        """Forgets, if another process destroyed keys since this one looked last."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + NOTICE_S
        with self._engine.connect() as connection:
            counted = connection.scalar(select(func.sum(destructions.c.number))) or 0
        if counted != self._destructions:
            self._destructions = counted
            self.forget()

    @staticmethod
    def _destroy(connection: Connection, site: SiteId, page: Sequence[Pseudonym], at: int) -> None:
        keys, names = shopper_keys.c, pseudonyms.c
        connection.execute(
            update(shopper_keys)
            .where(keys.site == site, keys.pseudonym.in_(page), keys.key.is_not(None))
            .values(key=None, destroyed_at=at)
        )
        connection.execute(delete(pseudonyms).where(names.site == site, names.pseudonym.in_(page)))

    def _mark(self, site: SiteId, kind: str, value: str) -> bytes:
        """What a lately asked id is remembered by, in this process alone: OpenSSL's HMAC is ten
        times as dear in the middle of a request."""
        asked = f"{site}\0{kind}\0{value}".encode()
        return blake2b(asked, key=self._secret, digest_size=32).digest()

    def _digest(self, site: SiteId, kind: str, value: str) -> bytes:
        mac = self._mac.copy()
        mac.update(f"{site}\0{kind}\0{value}".encode())
        return mac.digest()

    def _known(self, site: SiteId, digests: Iterable[bytes]) -> dict[bytes, Pseudonym]:
        found = {digest: name for digest in digests if (name := self._names.get(digest))}
        missing = sorted(set(digests) - found.keys())
        if not missing:
            return found
        with self._engine.connect() as connection:
            return found | self._select(connection, site, missing)

    def _select(
        self, connection: Connection, site: SiteId, digests: Sequence[bytes]
    ) -> dict[bytes, Pseudonym]:
        """Names by digest, with their keys remembered, for they are needed next."""
        found = {}
        names, ciphers = self._names, self._ciphers
        query = select(pseudonyms.c.digest, pseudonyms.c.pseudonym, shopper_keys.c.key).join_from(
            pseudonyms,
            shopper_keys,
            (shopper_keys.c.site == pseudonyms.c.site)
            & (shopper_keys.c.pseudonym == pseudonyms.c.pseudonym),
        )
        for start in range(0, len(digests), _PAGE):
            page = digests[start : start + _PAGE]
            rows = connection.execute(
                query.where(pseudonyms.c.site == site, pseudonyms.c.digest.in_(page))
            )
            for digest, name, key in rows:
                found[digest] = Pseudonym(name)
                names.put(digest, Pseudonym(name))
                if key is not None:
                    ciphers.put((site, name), AESGCM(key))
        return found

    def _insert_names(self, site: SiteId, count: int) -> list[Pseudonym]:
        """New names that no id has."""
        names = [Pseudonym(f"{self._random.bits(128):032x}") for _ in range(count)]
        keys = [{"site": site, "pseudonym": name, "key": self._new_key()} for name in names]
        with self._engine.execution_options(writing=True).begin() as connection:
            connection.execute(insert(shopper_keys), keys)
        return names

    def _make(self, site: SiteId, digests: Sequence[bytes]) -> dict[bytes, Pseudonym]:
        """New names and keys; where another process was first, its name is the name."""
        rows = [
            {"site": site, "digest": digest, "pseudonym": f"{self._random.bits(128):032x}"}
            for digest in digests
        ]
        keys = [{"site": site, "pseudonym": r["pseudonym"], "key": self._new_key()} for r in rows]
        with self._engine.execution_options(writing=True).begin() as connection:
            connection.execute(insert(shopper_keys), keys)
            connection.execute(insert_or_keep(self._engine.dialect.name, pseudonyms), rows)
        with self._engine.connect() as connection:
            return self._select(connection, site, digests)

    def _stored(
        self, connection: Connection, site: SiteId, names: Sequence[Pseudonym]
    ) -> dict[Pseudonym, AESGCM | None]:
        found: dict[Pseudonym, AESGCM | None] = {}
        ciphers, c = self._ciphers, shopper_keys.c
        for start in range(0, len(names), _PAGE):
            page = names[start : start + _PAGE]
            rows = connection.execute(
                select(c.pseudonym, c.key).where(c.site == site, c.pseudonym.in_(page))
            )
            for name, key in rows:
                found[Pseudonym(name)] = cipher = AESGCM(key) if key is not None else None
                if cipher is not None:
                    ciphers.put((site, name), cipher)
        return found

    def _keep_site_key(self, connection: Connection, site: SiteId) -> None:
        row = {"site": site, "pseudonym": SITE_KEY, "key": self._new_key()}
        connection.execute(insert_or_keep(self._engine.dialect.name, shopper_keys), row)

    def _new_key(self) -> bytes:
        return self._random.bits(256).to_bytes(32, "big")
