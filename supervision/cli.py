"""Commands for those who run Rundan."""

import click
from flask import Flask
from flask.cli import with_appcontext

from supervision import jobs
from supervision.factors import services as factors
from supervision.formation.command import form_groups_command
from supervision.kernel.actor import STRANGER
from supervision.operations.command import status_command
from supervision.outbox.services import post
from supervision.people import queries as people_queries
from supervision.people import services as people
from supervision.people.mails import sign_in_changed_letter
from supervision.privacy.command import forget_person_command
from supervision.single_sign_on import queries as single_sign_on
from supervision.store.database import transaction
from supervision.store.keys_command import keys_command
from supervision.upkeep import command as upkeep
from supervision.web.edge import edge
from supervision.web.i18n import LANGUAGES


def install(app: Flask) -> None:
    """Add the commands to the app."""
    app.cli.add_command(jobs_command)
    app.cli.add_command(demo_command)
    app.cli.add_command(invite_command)
    app.cli.add_command(factors_reset_command)
    app.cli.add_command(form_groups_command)
    app.cli.add_command(forget_person_command)
    app.cli.add_command(keys_command)
    app.cli.add_command(status_command)
    for command in (upkeep.backup_command, upkeep.backup_keys_command, upkeep.restore_command, upkeep.check_command):
        app.cli.add_command(command)


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


@click.command("factors-reset")
@click.argument("email")
@with_appcontext
def factors_reset_command(email: str) -> None:
    """Remove all second steps of someone who has lost them, providers too, end their sessions, and write to them.

    Make sure first that it is the person who asks, by a way other than mail.
    """
    now = edge().clock()
    with transaction() as session:
        person = people_queries.find_person(session, email)
        if person is None:
            raise click.ClickException("There is nobody with this address.")
        factors.reset(session, person, now=now)
        for identity in single_sign_on.identities_of(session, person.id):
            session.delete(identity)
        letter = sign_in_changed_letter(person, "reset")
        post(session, to=person.email, language=person.language, letter=letter, now=now)
        said = f"{person.email}: authenticator app, passkeys and recovery codes are removed, all sessions have ended."
    click.echo(said)
