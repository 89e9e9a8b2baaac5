"""`rationale export`: cart rules as another system reads them."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from app import issuing
from app.adobe_rules.exporting import as_search
from app.adobe_rules.exporting import export_rules
from app.adobe_rules.names import Names
from app.adobe_rules.names import read_names
from app.adobe_rules.telling import tell
from app.config import Settings
from app.wiring import build

TARGET = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group()
def command() -> None:
    """Writes what is here for other systems."""


@command.command("adobe-rules", short_help="Cart rules for Adobe Commerce.")
@click.argument("file", type=TARGET, required=False)
@click.option("--site", required=True)
@click.option("--drafts", is_flag=True, help="The newest of every rule instead of what is live.")
@click.option(
    "--names",
    "names_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON: what Adobe's ids are called here.",
)
@click.option("--coupons", "coupons_file", type=TARGET, help="Where codes of coupons are written.")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object.")
def adobe_rules(
    file: Path | None,
    site: str,
    *,
    drafts: bool,
    names_file: Path | None,
    coupons_file: Path | None,
    as_json: bool,
) -> None:
    """Writes live cart rules in the shape of Adobe's /V1/salesRules/search, and tells of each what
    Adobe cannot say. A rule that lost something is written inactive; one whose conditions or
    action Adobe lacks is not written. Without FILE the rules stand on standard output and the
    report on standard error. Exits 1 if anything was left out."""
    names = read_names(names_file.read_bytes()) if names_file else Names()
    services = build(Settings.from_environment())
    try:
        (named,) = issuing.sites_asked(services.stores.log, services.log, site)
        found = export_rules(
            services.stores.log, named, names, drafts=drafts, with_coupons=coupons_file is not None
        )
    finally:
        services.close()
    written = orjson.dumps(as_search(found.rules), option=orjson.OPT_INDENT_2)
    if file is None:
        click.echo(written)
    else:
        file.write_bytes(written)
    if coupons_file is not None:
        coupons = orjson.dumps(as_search(found.coupons), option=orjson.OPT_INDENT_2)
        coupons_file.write_bytes(coupons)
    tell(found.reports, as_json=as_json, err=file is None)
    sys.exit(0 if all(report.whole for report in found.reports) else 1)
