"""Commands for those who run Rundan."""

import click
from flask import Flask

from supervision import jobs


def install(app: Flask) -> None:
    """Add the commands to the app."""
    app.cli.add_command(jobs_command)
    app.cli.add_command(demo_command)


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
