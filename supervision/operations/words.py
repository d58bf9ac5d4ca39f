"""What is said about the installation: what is wrong and what to do, and what each job does."""

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supervision.kernel.walltime import local_day
from supervision.operations.rules import Trouble
from supervision.web.dates import clock, short_day

ZONE = "Europe/Stockholm"  # both countries have the same time
SWEEPS: dict[str, LazyString] = {
    "send mail": _l("Send mail"),
    "expire offers": _l("Offer seats on"),
    "wind up": _l("Wind up groups that have ended"),
    "send dates": _l("Send dates to new members"),
    "evaluations": _l("Plan, open and close evaluations"),
    "remind": _l("Remind of meetings"),
    "chain audit": _l("Chain the audit log"),
    "purge cases": _l("Delete the texts of cases"),
    "tell turns": _l("Tell whose turn it is"),
    "remind of agreement": _l("Remind of group agreements"),
    "end cover": _l("End requests for cover"),
    "remind of cover": _l("Remind of requests for cover"),
    "form groups": _l("Form groups"),
    "purge": _l("Delete what has been kept long enough"),
    "purge rounds": _l("Delete the logs of rounds"),
    "adopt texts": _l("Give texts keys of their own"),
    "destroy keys": _l("Destroy the keys of deleted texts"),
}
"""Name in the timetable -> what it does."""
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def sweep(name: str) -> str:
    """Return what a job does; its name where there are no words for it."""
    return str(SWEEPS.get(name, name))


def when(at: Any) -> str:  # noqa: ANN401 - an instant or nothing
    """Return an instant as the operator reads it, in Swedish time; "never" for none."""
    if at is None:
        return str(_("never"))
    return str(_("%(day)s at %(time)s", day=short_day(local_day(at, ZONE)), time=clock(at, ZONE)))


def sentences(trouble: Trouble) -> tuple[str, str, str]:
    """Return what is wrong, what to do, and the section of the documents that says more."""
    facts = trouble.facts
    what, todo, section = {
        "database_unreachable": _database_unreachable,
        "tables_behind": _tables_behind,
        "audit_changed": _audit_changed,
        "keys_unknown": _keys_unknown,
        "jobs_never": _jobs_never,
        "jobs_silent": _jobs_silent,
        "sweep_failed": _sweep_failed,
        "sweep_late": _sweep_late,
        "mail_waits": _mail_waits,
        "audit_waits": _audit_waits,
        "mail_given_up": _mail_given_up,
        "mail_refused": _mail_refused,
        "keys_rotating": _keys_rotating,
        "texts_without_key": _texts_without_key,
    }[trouble.code](facts)
    return what, todo, section


Said = tuple[str, str, str]
Facts = Mapping[str, Any]
RUNNING = "docs/running.md, "


def _database_unreachable(_facts: Facts) -> Said:
    return (
        _("The database does not answer."),
        _("See whether it runs, and whether DATABASE_URL is right."),
        RUNNING + "3. The database",
    )


def _tables_behind(facts: Facts) -> Said:
    what = _("The tables are those of another release: %(found)s in place of %(wanted)s.", **facts)
    return what, _("Stop the web and the jobs, back up, and run flask db upgrade."), RUNNING + "7. Upgrades"


def _audit_changed(_facts: Facts) -> Said:
    return (
        _("The audit log is not as it was noted: something was changed or taken out."),
        _("Run flask check; it names the place. Keep the database as it is until you know why."),
        RUNNING + "9. What to look at",
    )


def _keys_unknown(facts: Facts) -> Said:
    what = ngettext(
        "One key of sealed texts cannot be used.", "%(num)s keys of sealed texts cannot be used.", facts["count"]
    )
    return what, _("Set TEXT_KEY_OLD to the TEXT_KEY they were made under, and restart."), RUNNING + "10. Keys"


def _jobs_never(_facts: Facts) -> Said:
    return (
        _("No jobs process has run yet: no mail is sent, and nothing opens, closes or is deleted."),
        _("Start flask jobs beside the web."),
        RUNNING + "4. Three services",
    )


def _jobs_silent(facts: Facts) -> Said:
    return (
        _("The jobs process gave its last sign of life %(when)s. No mail is sent meanwhile.", when=when(facts["at"])),
        _("Start flask jobs again, and read its log. Nothing is lost: it does what is due."),
        RUNNING + "4. Three services",
    )


def _sweep_failed(facts: Facts) -> Said:
    return (
        _(
            "“%(job)s” failed %(when)s (%(fault)s).",
            job=sweep(facts["name"]),
            when=when(facts["at"]),
            fault=facts["fault"],
        ),
        _("It is tried again by itself. Read the log of the jobs; if it stays, run flask check."),
        RUNNING + "9. What to look at",
    )


def _sweep_late(facts: Facts) -> Said:
    return (
        _("“%(job)s” has not come to its end since: %(when)s.", job=sweep(facts["name"]), when=when(facts["at"])),
        _("Read the log of the jobs. If nothing moves, restart them: a job can run twice without harm."),
        RUNNING + "9. What to look at",
    )


def _mail_waits(facts: Facts) -> Said:
    what = ngettext(
        "One mail has waited since %(when)s.",
        "%(num)s mails wait, the first since %(when)s.",
        facts["count"],
        when=when(facts["at"]),
    )
    return what, _("See whether the jobs run and the mail server answers."), RUNNING + "9. What to look at"


def _audit_waits(facts: Facts) -> Said:
    what = ngettext(
        "One event of the audit log has waited for its place for over an hour.",
        "%(num)s events of the audit log have waited for their place for over an hour.",
        facts["count"],
    )
    return (
        what,
        _("Read the log of the jobs: “Chain the audit log” does not get through."),
        RUNNING + "9. What to look at",
    )


def _mail_given_up(facts: Facts) -> Said:
    what = ngettext(
        "One mail was given up in the last 7 days after 12 tries.",
        "%(num)s mails were given up in the last 7 days after 12 tries.",
        facts["count"],
    )
    return (
        _faults(what, facts),
        _("A code from 500 to 599 is mostly an address that does not exist; others are the server."),
        RUNNING + "9. What to look at",
    )


def _mail_refused(facts: Facts) -> Said:
    what = ngettext(
        "One mail was not taken by the server yet.", "%(num)s mails were not taken by the server yet.", facts["count"]
    )
    return _faults(what, facts), _("They are tried again, up to 12 times."), RUNNING + "9. What to look at"


def _keys_rotating(facts: Facts) -> Said:
    what = _("%(count)s of %(total)s keys are still under TEXT_KEY_OLD.", **facts)
    return what, _("Run flask keys rotate, and keep TEXT_KEY_OLD until it is done."), RUNNING + "10. Keys"


def _texts_without_key(facts: Facts) -> Said:
    what = ngettext(
        "One text of an earlier release has no key of its own yet.",
        "%(num)s texts of an earlier release have no key of their own yet.",
        facts["count"],
    )
    return what, _("The jobs give them keys within an hour, and flask keys adopt does it now."), RUNNING + "10. Keys"


def _faults(what: str, facts: Facts) -> str:
    return f"{what} ({facts['faults']})" if facts["faults"] else what
