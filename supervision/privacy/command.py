"""The operator's command for someone who asks to be erased and cannot do it themselves."""

import click
from flask.cli import with_appcontext
from flask_babel import force_locale

from supervision.kernel.errors import RuleBroken
from supervision.people import queries as people
from supervision.privacy import forgetting
from supervision.privacy.wiping import wipe_after
from supervision.store.database import transaction
from supervision.web.edge import edge
from supervision.web.messages import sentence
from supervision.web.texts import text_seal


@click.command("forget-person")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask once more.")
@with_appcontext
def forget_person_command(email: str, *, yes: bool) -> None:
    """Erase the person with an address, as they could on their own page. It cannot be taken back.

    Make sure first that it is the person who asks, by a way other than mail.
    """
    if not yes:
        click.confirm(f"Erase {email} for good?", abort=True)
    try:
        with transaction() as session:
            person = people.find_person(session, email)
            if person is None:
                raise click.ClickException("There is nobody with this address.")
            forgetting.erase(session, text_seal(), person, now=edge().clock())
            wipe_after(session)
    except RuleBroken as broken:
        with force_locale("en"):
            raise click.ClickException(sentence(broken.refusal)) from broken
    click.echo("Erased.")
