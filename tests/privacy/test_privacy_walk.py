"""A frozen clock walks two years past a row in every table: at each step every table is as the list promises."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, inspect, select

from supervision import jobs
from supervision.privacy.rules import RETENTION
from supervision.store.base import Base
from supervision.store.database import writing
from tests.factories import NOW
from tests.privacy.world import World, make_world

DAY = timedelta(days=1)
FIRST_SWEEP = NOW + timedelta(hours=2)
WALK = 731  # days: two years, and the one on which the audit log's 730 are over
EVER = None
BY_ITSELF = {"audit_anchor"}  # written when the first events go

# The row's name in the world -> how long after the first instant it is kept; EVER: as long as what it belongs to, which
# here outlives the walk.
PROMISED = {
    "login_session": 30 * DAY,
    "sweep_run": EVER,
    "sign_in_code": DAY,
    "invitation": 30 * DAY,
    "attempt": DAY,
    "calendar_feed": EVER,
    "authenticator": EVER,
    "own_authenticator": EVER,
    "recovery_code": EVER,
    "passkey": EVER,
    "passkey_challenge": DAY,
    "outer_identity": EVER,
    "seat": EVER,
    "left_seat": 365 * DAY,
    "agreement": EVER,
    "acceptance": EVER,
    "left_acceptance": 365 * DAY,
    "dates_sent": EVER,
    "left_dates_sent": 365 * DAY,
    "sign_up": EVER,
    "visitors_sign_up": 365 * DAY,
    "visitors_place": 365 * DAY,
    "settled_place": 365 * DAY,
    "pending": timedelta(hours=1),
    "staff_list": timedelta(hours=1),
    "answer": 365 * DAY,
    "attendance": 365 * DAY,
    "reminder": 30 * DAY,
    "cover": 30 * DAY,
    "told_case": EVER,
    "draft_case": EVER,
    "promise": 365 * DAY,
    "willing": 14 * DAY,
    "follow_up": 183 * DAY,
    "live_start": 30 * DAY + timedelta(minutes=90),
    "live_floor": 30 * DAY + timedelta(minutes=90),
    "live_end": 30 * DAY + timedelta(minutes=90),
    "live_control": 30 * DAY,
    "live_summary": EVER,
    "closed_campaign": EVER,
    "open_campaign": EVER,
    "register_entry": 21 * DAY,
    "ballot": 21 * DAY,
    "release": EVER,
    "questionnaire": EVER,
    "said": EVER,
    "unsaid": 365 * DAY,
    "approval": 365 * DAY,
    "sent_answer": EVER,
    "draft_answer": 365 * DAY,
    "note": EVER,
    "note_of_ended": 365 * DAY,
    "own_format": EVER,
    "times": EVER,
    "frame": EVER,
    "run": 90 * DAY,
    "run_seat": 90 * DAY,
    "own_mail": 365 * DAY,
    "others_mail": 365 * DAY,
    "waiting_mail": 367 * DAY,
    "audit_event": 730 * DAY,
}
PEOPLE = {
    "person": EVER,
    "supervisor": EVER,
    "manager": EVER,
    "coordinator": EVER,
    "visitor": 365 * DAY,
    "leaver": 365 * DAY,
}
# Texts that are blanked while their row stays: row and column -> when.
BLANKED = {
    ("told_case", "sealed_text"): 14 * DAY,
    ("draft_case", "sealed_text"): 365 * DAY,
    ("own_mail", "to_email"): 7 * DAY,
    ("own_mail", "text"): 7 * DAY,
    ("others_mail", "subject"): 7 * DAY,
}


@pytest.fixture
def in_a_hurry(engine):
    """Let SQLite not wait for the disk: two years of sweeps are thousands of transactions."""

    def hurry(connection, _record) -> None:
        connection.execute("PRAGMA synchronous=OFF").close()

    if engine.dialect.name != "sqlite":
        yield
        return
    event.listen(engine, "connect", hurry)
    engine.dispose()
    yield
    event.remove(engine, "connect", hurry)
    engine.dispose()


def sweep(app, clock, at: datetime) -> None:
    clock.set(at)
    jobs.sweep_all(app)
    writing.set(True)


def days_to_look(dialect: str) -> list[int]:
    """Every day around the end of a time, and one a month between; with EVERY_DAY each of the 732 (some minutes)."""
    if os.environ.get("EVERY_DAY"):
        return list(range(WALK + 1))
    ends = {one.days for one in (*PROMISED.values(), *PEOPLE.values(), *BLANKED.values()) if one is not EVER}
    if dialect != "sqlite":
        return sorted({0, WALK} | ends)
    around = {end + shift for end in ends for shift in (-1, 0)} & set(range(WALK + 1))
    return sorted({*around, *range(0, WALK, 61), WALK})


def keys_of(world: World) -> dict[str, tuple[type, tuple[object, ...]]]:
    rows = world.rows | {
        key: getattr(world, key) for key in (*PEOPLE, "organisation", "assignment", "group", "meeting")
    }
    return {key: (type(row), tuple(inspect(row).identity)) for key, row in rows.items()}


def present(session, kind: type, identity: tuple[object, ...], column: str | None = None) -> object:
    mapper = inspect(kind)
    chosen = getattr(kind, column) if column else mapper.primary_key[0]
    return session.scalar(select(chosen).where(*(c == v for c, v in zip(mapper.primary_key, identity, strict=True))))


def test_at_each_step_of_two_years_every_table_is_as_promised(app, in_a_hurry, session, clock, engine) -> None:
    world = make_world(session)
    keys = keys_of(world)
    assert set(PROMISED) == set(world.rows)
    assert {kind.__tablename__ for kind, _identity in keys.values()} | BY_ITSELF | {"role_holding"} == set(RETENTION)
    promised = PROMISED | PEOPLE
    walked = days_to_look(engine.dialect.name)
    session.close()
    for day in walked:
        at = FIRST_SWEEP + day * DAY
        sweep(app, clock, at)
        wrong = []
        for key, lifetime in promised.items():
            kind, identity = keys[key]
            is_due = lifetime is not EVER and at - NOW > lifetime
            if (present(session, kind, identity) is None) != is_due:
                wrong.append(f"day {day}: {key} should be {'gone' if is_due else 'there'}")
        for (key, column), lifetime in BLANKED.items():
            kind, identity = keys[key]
            if at - NOW > lifetime and present(session, kind, identity, column):
                wrong.append(f"day {day}: {key}.{column} should be empty")
            if at - NOW <= lifetime and not present(session, kind, identity, column):
                wrong.append(f"day {day}: {key}.{column} is empty too early")
        assert not wrong, wrong
        session.rollback()
    _after_the_contract(app, clock, session)


def _after_the_contract(app, clock, session) -> None:
    """Five years after the assignment's last day nothing is left but those who have an account of their own."""
    sweep(app, clock, datetime(2034, 12, 31, 10, tzinfo=UTC))
    sweep(app, clock, datetime(2034, 12, 31, 11, tzinfo=UTC))
    left = {
        table.name: len(session.execute(select(table)).all())
        for table in Base.metadata.sorted_tables
        if session.execute(select(table)).first() is not None
    }
    assert set(left) - {"audit_event", "audit_anchor", "mail", "sweep_run"} == {
        "person",
        "authenticator",
        "own_format",
        "supervisor_times",
    }
    assert left["person"] == 1
