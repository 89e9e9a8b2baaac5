"""`rationale proof`: what shows a stranger that a decision is in the log."""

from __future__ import annotations

import click
import orjson

from app import issuing
from app.checkpoints import proofs
from app.config import Settings
from app.wiring import build


@click.command()
@click.argument("decision_id", required=False)
@click.option("--site", help="Needed where there is more than one.")
@click.option("--position", type=click.IntRange(1), help="Any event, by its position.")
@click.option(
    "--checkpoint", type=click.IntRange(1), help="To prove it by; else the first over it."
)
@click.option(
    "--grown", nargs=2, type=click.IntRange(1), metavar="FROM TO", help="Two checkpoints."
)
def command(
    decision_id: str | None,
    site: str | None,
    position: int | None,
    checkpoint: int | None,
    grown: tuple[int, int] | None,
) -> None:
    """Prints the proof that the log has a decision (or an event by its --position), or with
    --grown that the log of one checkpoint begins with that of another. docs/verify_proof.py checks
    it with the public key alone."""
    if sum(each is not None for each in (decision_id, position, grown)) != 1:
        raise click.UsageError("name a decision, or --position, or --grown")
    services = build(Settings.from_environment())
    try:
        named = issuing.sites_asked(services.stores.log, services.log, site)
        if len(named) != 1:
            raise click.UsageError("there is more than one site: name it with --site")
        engine, of = services.stores.log, named[0]
        if grown is not None:
            made = proofs.consistency(engine, of, *grown)
        else:
            if decision_id is not None:
                position = proofs.position_of_decision(engine, of, decision_id)
            made = proofs.inclusion(engine, of, position or 0, checkpoint)
    finally:
        services.close()
    click.echo(orjson.dumps(made, option=orjson.OPT_INDENT_2))
