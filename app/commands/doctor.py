"""`rationale doctor`: what is wrong with this installation, in sentences."""

from __future__ import annotations

import os
import sys

import click
import orjson

from app.doctor.examination import examine
from app.doctor.finding import Finding
from app.doctor.settings import Told
from app.doctor.settings import told
from app.edge import logging


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(as_json: bool) -> None:
    """Says what is wrong and what to do, and shows the settings in force, without secrets. Changes
    nothing. Exits with 1 if something is wrong."""
    logging.configure("error")
    settings = told(os.environ)
    found = examine(os.environ)
    well = not any(finding.wrong for finding in found)
    if as_json:
        body = {
            "well": well,
            "findings": [finding.to_json() for finding in found],
            "settings": [setting.to_json() for setting in settings],
        }
        click.echo(orjson.dumps(body))
    else:
        _tell(settings, found, well)
    sys.exit(0 if well else 1)


def _tell(settings: list[Told], found: list[Finding], well: bool) -> None:
    click.echo("Settings in force:")
    for setting in settings:
        click.echo(f"  {setting.name} = {setting.value}")
        click.echo(f"      {setting.meaning} (default: {setting.default})")
    click.echo()
    for finding in sorted(found, key=lambda each: not each.wrong):
        click.echo(f"{'wrong' if finding.wrong else 'note '}  {finding.what}")
        if finding.todo:
            click.echo(f"       → {finding.todo}")
    click.echo("All is well." if well else "Something is wrong.")
