"""`rationale`: the console script. Commands are imported when they are called."""

from __future__ import annotations

from importlib import import_module
from typing import Any
from typing import cast

import click

from aggregates.kernel.errors import DomainError
from aggregates.kernel.errors import InvalidInput
from aggregates.kernel.errors import InvalidValue
from app.config import BadSettings

COMMANDS = {
    "serve": "The whole service on one machine: web, follower and scheduler.",
    "web": "The HTTP server alone.",
    "follow": "The follower alone: folds the log into profiles, activity, orders and the index.",
    "scheduler": "The scheduler alone: trains models and prunes, one leader at a time.",
    "migrate": "Brings the tables of all stores to the newest version.",
    "keys": "API keys: create, list, revoke.",
    "signing": "The key that signs checkpoints and reports: its public half, a new one.",
    "import": "Products, orders, events, or cart rules of Adobe Commerce, from a file.",
    "export": "Cart rules as Adobe Commerce reads them.",
    "train": "Trains the models of recommendations and rankings from the log.",
    "explain": "Why a decision came out as it did.",
    "as-of": "What was known, listed, live and used as of a moment or a log position.",
    "timeline": "Every event and decision of a person, in the order of the log.",
    "replay": "Decides recorded decisions again and compares.",
    "erase": "Forgets a person, and hands over before what is held on them.",
    "unsettled": "Orders that could not be settled: lists them, lets them be tried again.",
    "simulate": "What recorded carts would have got by other rules.",
    "restore-keys": "Names and keys that were lost, from a backup.",
    "rebuild": "Folds a projection anew, beside the rows in use.",
    "verify": "Holds a site's log against its hashes and its signed checkpoints.",
    "checkpoint": "Signs a site's log as it is now, and puts that outside the database.",
    "proof": "Shows a stranger that a decision is in the log.",
    "doctor": "What is wrong with this installation, and what to do about it.",
    "demo": "Real purchase history, decided, explained, replayed.",
}
"""Name to the line of `rationale --help`; the module is app/commands/<name>.py."""


class _Lazy(click.Group):
    """Imports a command's module when it is asked for, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"app.commands.{_module(cmd_name)}")
        return cast(click.Command, module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list from the table above, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Domain errors end with 1 and a sentence, unusable settings and arguments with 2."""
        try:
            return super().invoke(ctx)
        except BadSettings as error:
            raise click.UsageError(str(error)) from error
        except InvalidValue as error:
            raise click.UsageError(error.detail) from error
        except InvalidInput as error:
            places = "".join(f"\n  {item.pointer or '/'}: {item.detail}" for item in error.problems)
            raise click.ClickException(f"{error.detail}{places}") from error
        except DomainError as error:
            if error.code == "not_migrated":
                raise click.ClickException("there are no tables yet: rationale migrate") from error
            raise click.ClickException(f"{error.detail} ({error.code})") from error


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rationale")
def main() -> None:
    """Personalization decisions for commerce that explain themselves.

    Settings come from the environment: RATIONALE_DATABASE_URL, RATIONALE_KEYS_URL,
    RATIONALE_SECRET_KEY, RATIONALE_DATA_DIR, RATIONALE_LOG_LEVEL; `rationale doctor` shows them.
    """


def _module(name: str) -> str:
    return {"import": "import_"}.get(name, name.replace("-", "_"))
