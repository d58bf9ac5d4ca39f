"""How the state is read: signs of life, faults of mail, counts, the command."""

import json
import smtplib
from datetime import timedelta
from pathlib import Path

import pytest
from flask_babel import force_locale

from supervision import jobs
from supervision.operations import queries, rules, words
from supervision.operations.models import SweepRun
from supervision.operations.tasks import Ledger
from supervision.outbox import tasks as outbox
from supervision.outbox.models import Mail
from supervision.outbox.services import Letter, post
from supervision.store.database import transaction
from tests import factories
from tests.factories import NOW


def written(app, session, ledger: Ledger, now=NOW) -> dict[str, SweepRun]:
    session.commit()
    with app.app_context():
        ledger.write(transaction, now)
    session.expire_all()
    return queries.kept_runs(session)


def test_each_job_has_words() -> None:
    assert set(words.SWEEPS) == {name for name, _period, _body in jobs.SWEEPS}


def test_every_trouble_has_words(app) -> None:
    facts = {"found": "1", "wanted": "2", "at": NOW, "count": 2, "total": 3, "name": "purge", "fault": "OSError"}
    sections = (Path(__file__).parents[2] / "docs" / "running.md").read_text()
    for language in ("en", "sv", "da"):
        with app.test_request_context(), force_locale(language):
            for code in rules.ORDER:
                what, todo, section = words.sentences(rules.Trouble(code, {**facts, "faults": "OSError (2)"}))
                assert what
                assert todo
                assert f"## {section.removeprefix('docs/running.md, ')}\n" in sections


def test_the_signs_of_life_of_a_process_and_of_the_next(app, session) -> None:
    ledger = Ledger(NOW, {"purge": 3600, "remind": 60})
    ledger.begun("purge", NOW)
    ledger.failed("purge", OSError("olle@example.se does not exist"), NOW)
    rows = written(app, session, ledger)
    assert {name: (row.fault, row.faulted_at) for name, row in rows.items()} == {
        "purge": ("OSError", NOW),
        "remind": ("", None),
        rules.LEADING: ("", None),
    }
    later = NOW + timedelta(hours=1)
    another = Ledger(later, {"purge": 3600})
    another.ended("purge", later)
    rows = written(app, session, another, later)
    assert set(rows) == {"purge", rules.LEADING}, "a job that is no longer in the timetable is forgotten"
    assert (rows["purge"].faulted_at, rows["purge"].finished_at) == (NOW, later)
    assert rows[rules.LEADING].started_at == later


def test_the_jobs_note_how_a_sweep_ended(app, session, clock) -> None:
    def breaks(_app: object) -> None:
        raise ValueError("olle@example.se")

    ledger = Ledger(NOW, {"fine": 60, "breaks": 60})
    jobs._noted(app, "fine", lambda _app: None, ledger)()
    with pytest.raises(ValueError, match="olle"):
        jobs._noted(app, "breaks", breaks, ledger)()
    rows = written(app, session, ledger)
    assert (rows["fine"].finished_at, rows["fine"].fault) == (NOW, "")
    assert (rows["breaks"].finished_at, rows["breaks"].fault) == (None, "ValueError")


def test_the_kind_of_a_mail_s_fault_is_kept_until_it_is_sent_and_never_the_address(app, session) -> None:
    post(session, to="olle@example.se", language="sv", letter=Letter("k", "s", ("t",)), now=NOW)
    session.commit()

    def refuses(_message: object) -> None:
        raise smtplib.SMTPRecipientsRefused({"olle@example.se": (550, b"olle@example.se is unknown")})

    with app.app_context():
        outbox.send_due(transaction, refuses, sender="a@example.se", now=NOW)
    session.expire_all()
    state = queries.mail(session, NOW)
    assert state == rules.MailState(0, None, 1, 0, (("SMTPRecipientsRefused 550", 1),))
    session.commit()
    later = NOW + timedelta(minutes=2)
    assert queries.mail(session, later).oldest_at == NOW + timedelta(minutes=1)
    session.commit()
    with app.app_context():
        outbox.send_due(transaction, lambda _message: None, sender="a@example.se", now=later)
    session.expire_all()
    assert queries.mail(session, later) == rules.MailState()
    assert session.query(Mail).one().fault == ""


def test_mail_that_was_given_up_is_told_for_a_week(session) -> None:
    post(session, to="olle@example.se", language="sv", letter=Letter("k", "s", ("t",)), now=NOW)
    session.flush()
    mail = session.query(Mail).one()
    mail.attempts, mail.given_up_at, mail.fault = 12, NOW, "SMTPRecipientsRefused 550"
    session.flush()
    assert queries.mail(session, NOW + timedelta(days=6)).given_up == 1
    assert queries.mail(session, NOW + timedelta(days=8)) == rules.MailState()


def test_counts_are_of_the_whole_installation(session) -> None:
    group = factories.make_group(session)
    factories.make_member(session, group)
    factories.make_member(session, group, left_at=NOW - timedelta(days=1))
    factories.make_manager(session, group.assignment.organisation, "coordinator")
    for days in (-1, 1, 13, 15):
        factories.make_meeting(session, group, NOW + timedelta(days=days))
    found = queries.counts(session, NOW, NOW.date())
    assert found == rules.Counts(
        organisations=1, assignments=1, groups=1, meetings=2, supervisors=1, coordinators=1, participants=1
    )


def test_the_command_says_what_is_wrong_and_ends_with_1(app, session) -> None:
    factories.make_person(session, "Olle Hemlig", email="hemlig@example.se")
    session.commit()
    run = app.test_cli_runner()
    said = run.invoke(args=["status"])
    assert said.exit_code == 1
    assert "No jobs process has run yet" in said.output
    with app.app_context():
        Ledger(NOW, {name: period for name, period, _body in jobs.SWEEPS}).write(transaction, NOW)
    said = run.invoke(args=["status"])
    assert (said.exit_code, said.output.splitlines()[0]) == (0, "All is well.")
    told = run.invoke(args=["status", "--json"])
    data = json.loads(told.output)
    assert (data["format"], data["is_well"], data["troubles"]) == ("rundan-status", True, [])
    assert data["revision"] == data["revision_wanted"]
    assert len(data["jobs"]["sweeps"]) == len(jobs.SWEEPS)
    assert data["counts"]["participants"] == 0
    assert "emlig" not in said.output + told.output


def test_a_changed_audit_log_is_told(app, session, tmp_path, monkeypatch) -> None:
    from supervision.audit.rules import Head
    from supervision.operations import pages

    session.commit()
    monkeypatch.setattr(pages.audit, "read_note", lambda _folder: Head(7, "f" * 64))
    with app.app_context():
        assert "audit_changed" in [one.code for one in pages.board().troubles]
