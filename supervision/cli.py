"""Commands for those who run Rundan."""

import click
from flask import Flask
from flask.cli import with_appcontext

from supervision import jobs
from supervision.formation.command import form_groups_command
from supervision.kernel.actor import STRANGER
from supervision.people import services as people
from supervision.store.database import transaction
from supervision.store.keys_command import keys_command
from supervision.web.edge import edge
from supervision.web.i18n import LANGUAGES


def install(app: Flask) -> None:
    """Add the commands to the app."""
    app.cli.add_command(jobs_command)
    app.cli.add_command(demo_command)
    app.cli.add_command(invite_command)
    app.cli.add_command(form_groups_command)
    app.cli.add_command(keys_command)


@click.command("jobs")
def jobs_command() -> None:
    """Run the jobs process: opens and closes, expires, sends, purges, until it is stopped."""
    from flask import current_app  # noqa: PLC0415

    jobs.run(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001


@click.command("demo")
def demo_command() -> None:
    """Fill an empty database with demo data, once, and print who can sign in and how."""
    from supervision.demo import seed  # noqa: PLC0415

    for line in seed.run():
        click.echo(line)


@click.command("invite")
@click.argument("name")
@click.argument("email")
@click.option("--operator", is_flag=True, help="An operator instead of a supervisor.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="sv", help="The person's language.")
@with_appcontext
def invite_command(name: str, email: str, language: str, *, operator: bool) -> None:
    """Make someone supervisor (or operator) and print the link by which they choose a password, once, for 7 days."""
    from flask import current_app, url_for  # noqa: PLC0415

    now = edge().clock()
    with transaction() as session:
        person = people.find_or_add_person(session, name=name, email=email, language=language, now=now)
        person.is_operator = person.is_operator or operator
        person.is_supervisor = person.is_supervisor or not operator
        token = people.invite(session, STRANGER, person, now=now)
    with current_app.test_request_context(base_url=current_app.config["SETTINGS"].base_url):
        click.echo(url_for("people.accept", token=token, _external=True))
