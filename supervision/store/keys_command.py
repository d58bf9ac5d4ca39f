"""The commands `flask keys`: how the keys of sealed texts stand, rotation, adoption, and a check of every text."""

import sys
from collections.abc import Callable, Sequence

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.engine import make_url

from supervision.store import adoption, forgetting
from supervision.store.database import db, session, transaction
from supervision.store.keyring import Keyring
from supervision.store.places import places

NOT_WELL = 1  # exit code: something is wrong that the words name
keys_command = AppGroup("keys", help="The keys of sealed texts: status, rotate, adopt, check, tidy.")


def _keyring() -> Keyring:
    keyring: Keyring = current_app.extensions["keyring"]
    return keyring


def _number(count: int) -> str:
    return f"{count:,}".replace(",", " ")


def _percent(done: int, total: int) -> int:
    return 100 * done // total if total else 100


@keys_command.command("status")
def status() -> None:
    """Say how many keys there are, under which TEXT_KEY, and what is left to do."""
    keyring, counts = _keyring(), _keyring().counts()
    left = adoption.unadopted(session())
    alone = len(forgetting.unused(db.engine))
    click.echo(f"Keyring:          {make_url(keyring.url).render_as_string(hide_password=True)}")
    click.echo(f"Sealed columns:   {len(places(db.metadata))}")
    click.echo(f"Keys:             {_number(counts.total)}")
    click.echo(f"  under TEXT_KEY:     {_number(counts.current)}")
    click.echo(f"  under TEXT_KEY_OLD: {_number(counts.previous)}")
    click.echo(f"  under another:      {_number(counts.unknown)}")
    click.echo(f"Keys without a text:  {_number(alone)} (destroyed within two hours by the jobs process)")
    click.echo(f"Texts without a key:  {_number(left)} (written by an earlier release)")
    if left:
        click.echo("Next: `flask keys adopt` gives these texts keys; the jobs process does it as well.")
    if counts.previous:
        click.echo("Next: `flask keys rotate`. Keep TEXT_KEY_OLD until it is done.")
    elif keyring.previous and not left:
        click.echo("Nothing needs TEXT_KEY_OLD any more: remove it and restart the web and the jobs.")
    if counts.unknown:
        click.echo("Some keys cannot be used: set TEXT_KEY_OLD to the TEXT_KEY they were made under.", err=True)
        sys.exit(NOT_WELL)


@keys_command.command("rotate")
def rotate() -> None:
    """Put every key under the present TEXT_KEY. Set TEXT_KEY_OLD to the earlier one first.

    It can be stopped at any moment and started again; texts open before, during and after.
    """
    keyring = _keyring()
    adopted = _adopt()
    stuck = keyring.rewrap(_teller("keys are under the new TEXT_KEY"))
    keyring.settle()
    counts = keyring.counts()
    click.echo(f"{_number(counts.current)} of {_number(counts.total)} keys are under TEXT_KEY.")
    if stuck:
        click.echo(
            f"{_number(stuck)} keys could not be opened, neither with TEXT_KEY nor with TEXT_KEY_OLD. They were left "
            "as they are.",
            err=True,
        )
    if stuck or adopted.faulty:
        click.echo("Keep TEXT_KEY_OLD until this is cleared up.", err=True)
        sys.exit(NOT_WELL)
    if keyring.previous:
        click.echo("TEXT_KEY_OLD can be removed once the web and the jobs have been restarted with the new TEXT_KEY.")


@keys_command.command("adopt")
def adopt() -> None:
    """Give every text of an earlier release a key of its own. It can be stopped and started again."""
    if _adopt().faulty:
        sys.exit(NOT_WELL)


@keys_command.command("check")
def check() -> None:
    """Open every sealed text, and name by table and row those that do not open. What they say is never shown."""
    fine = 0
    faulty: list[adoption.Faulty] = []
    for found in adoption.check(session()):
        if found is None:
            fine += 1
        else:
            faulty.append(found)
    _name(faulty)
    click.echo(f"{_number(fine)} texts open, {_number(len(faulty))} do not.")
    if faulty:
        sys.exit(NOT_WELL)


@keys_command.command("tidy")
@click.confirmation_option(prompt="Is this the right database, and are the web and the jobs stopped?")
def tidy() -> None:
    """Destroy every key without a text, however new and however many. Only with the web and the jobs stopped.

    The jobs process does this by itself, but stops when more than half of all keys would go.
    """
    destroyed = _keyring().destroy(forgetting.unused(db.engine))
    _keyring().settle()
    click.echo(f"{_number(destroyed)} keys are destroyed.")


def _adopt() -> adoption.Adopted:
    left = adoption.unadopted(session())
    session().rollback()
    tell = _teller("texts have a key of their own")
    adopted = adoption.adopt(transaction, lambda count: tell(count, left))
    _name(adopted.faulty)
    if left:
        click.echo(f"{_number(adopted.count)} texts have got a key of their own.")
    return adopted


def _name(faulty: Sequence[adoption.Faulty]) -> None:
    for one in faulty:
        click.echo(f"{one.place} {one.row} does not open: {one.why}", err=True)


def _teller(words: str) -> Callable[[int, int], None]:
    """Return what says how far it is, each time another percent is done."""
    said = -1

    def tell(done: int, total: int) -> None:
        nonlocal said
        percent = _percent(done, total)
        if percent > said:
            said = percent
            click.echo(f"{_number(done)} of {_number(total)} {words} ({percent} %).")

    return tell
