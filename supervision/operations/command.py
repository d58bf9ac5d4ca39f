"""The command `flask status`: how the installation stands, for a person or for a monitor."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from supervision.operations import words
from supervision.operations.pages import Board, board
from supervision.web.edge import edge

NOT_WELL = 1  # exit code: something needs the operator
FORMAT, VERSION = "rundan-status", 1


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for a monitor.")
@with_appcontext
def status_command(*, as_json: bool) -> None:
    """Say whether the installation works: database, jobs, mail, keys, audit log; ends with 1 when something is wrong.

    It opens no text and names nobody. `flask check` looks deeper, and takes longer.
    """
    found = board()
    if as_json:
        click.echo(json.dumps(as_data(found, edge().clock()), ensure_ascii=False, indent=2))
    else:
        with force_locale("en"):
            for line in _lines(found):
                click.echo(line)
    if not found.is_well:
        sys.exit(NOT_WELL)


def as_data(found: Board, now: datetime) -> dict[str, Any]:
    """Return the state as plain values: instants in UTC, codes as they are called in the program."""
    said: dict[str, Any] = plain(
        {
            "format": FORMAT,
            "version": VERSION,
            "at": now,
            "is_well": found.is_well,
            "troubles": [{"code": one.code, "is_calm": one.is_calm, **one.facts} for one in found.troubles],
            **asdict(found.state),
        }
    )
    return said


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever stands in a state
    """Return a value as JSON has it: instants written out, tuples as lists."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def _lines(found: Board) -> list[str]:
    state = found.state
    lines = ["All is well." if found.is_well else f"{sum(not one.is_calm for one in found.troubles)} to look at:"]
    for one in found.troubles:
        what, todo, section = words.sentences(one)
        lines += [f"  {what}", f"    {todo} ({section})"]
    lines.append(f"Database:  {state.database}, tables {state.revision or 'none'}")
    if state.is_readable:
        mail, keys = state.mail, state.keys
        lines.append(f"Jobs:      last sign of life {state.jobs.noted_at or 'never'}")
        lines.append(f"Mail:      {mail.waiting} wait, {mail.refused} tried again, {mail.given_up} given up")
        lines.append(f"Keys:      {keys.total}, {keys.previous} of them under TEXT_KEY_OLD")
        lines.append(f"Audit log: {state.audit.head or 'empty'}")
        lines += [f"{name.capitalize() + ':':14}{count}" for name, count in asdict(state.counts).items()]
    return lines
