"""The signing key: made once, kept private, rotated without losing what it signed."""

from __future__ import annotations

import threading
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from app.cli import main
from app.config import BadSettings
from app.config import Settings
from app.signing.documents import check
from app.signing.documents import signed
from app.signing.keys import new_private_pem
from app.signing.keys import private_of
from app.signing.keys import public_of
from app.signing.signing import Signature
from app.signing.signing import Signing


def _signing(data_dir: Path, **more: str) -> Signing:
    environment = {"RATIONALE_DATA_DIR": str(data_dir), "RATIONALE_SECRET_KEY": "x" * 16, **more}
    return Signing(Settings.from_environment(environment))


def test_a_key_is_made_on_first_use_and_only_for_its_owner(tmp_path: Path) -> None:
    signing = _signing(tmp_path)
    assert not signing.has_key()
    assert signing.known() == {}
    assert list(tmp_path.iterdir()) == []
    made = signing.sign(b"words")
    assert (tmp_path / "signing.key").stat().st_mode & 0o777 == 0o600
    assert _signing(tmp_path).check(b"words", made) == "valid"
    assert list(signing.known()) == [made.key_id]


def test_a_signature_fits_only_its_bytes_and_its_key(tmp_path: Path) -> None:
    signing = _signing(tmp_path)
    made = signing.sign(b"words")
    assert signing.check(b"word", made) == "forged"
    assert signing.check(b"words", Signature(made.key_id, bytes(64))) == "forged"
    assert signing.check(b"words", Signature("0" * 32, made.raw)) == "unknown_key"
    assert _signing(tmp_path / "other").check(b"words", made) == "unknown_key"


def test_what_a_former_key_signed_stays_valid(tmp_path: Path) -> None:
    signing = _signing(tmp_path)
    before = signing.sign(b"words")
    new = signing.rotate()
    after = signing.sign(b"words")
    assert after.key_id == new.key_id != before.key_id
    again = _signing(tmp_path)
    assert again.check(b"words", before) == again.check(b"words", after) == "valid"
    assert list(again.known()) == [after.key_id, before.key_id]


def test_processes_that_sign_at_once_make_one_key(tmp_path: Path) -> None:
    found: set[str] = set()
    start = threading.Barrier(8)

    def sign() -> None:
        start.wait()
        found.add(_signing(tmp_path).sign(b"words").key_id)

    threads = [threading.Thread(target=sign) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


@pytest.mark.parametrize("form", ["path", "text", "one line"])
def test_a_given_key_is_used_and_its_private_half_not_kept(tmp_path: Path, form: str) -> None:
    pem = new_private_pem()
    (tmp_path / "given.pem").write_bytes(pem)
    text = pem.decode()
    given = {
        "path": str(tmp_path / "given.pem"),
        "text": text,
        "one line": "\\n".join(text.split("\n")),
    }
    data = tmp_path / "data"
    signing = _signing(data, RATIONALE_SIGNING_KEY=given[form])
    assert signing.sign(b"words").key_id == public_of(private_of(pem, "")).key_id
    assert sorted(path.name for path in data.iterdir()) == ["signing-keys"]
    with pytest.raises(BadSettings, match="given by"):
        signing.rotate()


@pytest.mark.parametrize("given", ["/no/such/file", "-----BEGIN PRIVATE KEY-----\nhidden\n", "."])
def test_a_key_that_is_none_is_refused_without_quoting_it(tmp_path: Path, given: str) -> None:
    with pytest.raises(BadSettings) as refused:
        _signing(tmp_path, RATIONALE_SIGNING_KEY=given).sign(b"words")
    assert "hidden" not in str(refused.value)
    environment = {"RATIONALE_DATA_DIR": str(tmp_path), "RATIONALE_SIGNING_KEY": given}
    told = orjson.loads(CliRunner().invoke(main, ["doctor", "--json"], env=environment).stdout)
    assert "signing_key" in {finding["check"] for finding in told["findings"]}
    assert "hidden" not in str(told)


def test_a_signed_document_is_checked_field_by_field(tmp_path: Path) -> None:
    signing = _signing(tmp_path)
    report = signed(signing, {"site": "shop", "differences": [1, 2]})
    assert check(signing, report) == "valid"
    assert check(signing, orjson.loads(orjson.dumps(report))) == "valid"
    assert check(signing, {**report, "site": "shed"}) == "forged"
    assert check(signing, {**report, "more": 1}) == "forged"
    assert check(signing, {"site": "shop"}) == "forged"
    assert check(signing, {**report, "signature": "text"}) == "forged"


def test_the_command_prints_public_halves_and_rotates(tmp_path: Path) -> None:
    environment = {"RATIONALE_DATA_DIR": str(tmp_path)}

    def said(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["signing", *arguments], env=environment)
        assert done.exit_code == 0, done.output
        return done.stdout

    first = said("public")
    assert first.startswith("-----BEGIN PUBLIC KEY-----")
    second = said("rotate")
    listed = orjson.loads(said("public", "--json"))
    assert [key["pem"] for key in listed] == [second, first]
