"""After a person is erased nothing of them is found: no row, no sealed text, no byte of the file, no line of a log."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from supervision import jobs
from supervision.audit import services as audit
from supervision.groups.models import Group, QueuePlace, SignUp, StaffList
from supervision.kernel.errors import RuleBroken
from supervision.live.models import LiveEvent
from supervision.live.standing import standing
from supervision.outbox.models import Mail
from supervision.outbox.services import Letter, post
from supervision.people.models import Person
from supervision.privacy import forgetting, own_data, wiping
from supervision.store.base import Base
from supervision.store.database import db, writing
from supervision.store.forgetting import keyring_of, seal_of
from supervision.store.places import places
from supervision.store.sealed import CannotOpen, TextSeal
from tests import factories
from tests.database_files import bytes_of
from tests.factories import NOW
from tests.privacy.world import World, make_world

NAME, EMAIL, MARK = "Kvast Kanarifågel", "kvast.kanarie@example.se", "kanarietext"
LATER = NOW + timedelta(minutes=5)


def forget(app, session, person: Person) -> None:
    with app.test_request_context():
        forgetting.erase(session, seal_of(session), person, now=LATER)
        wiping.wipe_after(session)
        session.commit()
    writing.set(True)


def found_in_rows(session, canaries: list[str]) -> list[str]:
    """Every column of every table, as text and as bytes, and every sealed text opened."""
    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)).mappings():
            for column, value in row.items():
                is_bytes = isinstance(value, bytes)
                plain = value.decode("latin-1") if is_bytes else json.dumps(value, default=str, ensure_ascii=False)
                found += [f"{table.name}.{column}: {one}" for one in canaries if one.lower() in plain.lower()]
    for place in places(Base.metadata):
        for row_id, sealed in session.execute(select(place.row, place.column).where(place.column.is_not(None))):
            try:
                text = seal_of(session).open(bytes(sealed), place.table.name, place.name, row_id)
            except CannotOpen:
                continue
            plain = json.dumps(json.loads(text), ensure_ascii=False) if text[:1] in "[{" else text
            found += [f"{place}: {one}" for one in canaries if one.lower() in plain.lower()]
    return found


def found_in_files(engine, canaries: list[str]) -> list[str]:
    path = Path(str(make_url(str(engine.url)).database))
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))]
    shapes = [one.encode() for one in canaries] + [json.dumps(one)[1:-1].encode() for one in canaries]
    read = {file.name: bytes_of(file) for file in files if file.exists()}
    return [f"{name}: {shape!r}" for name, content in read.items() for shape in shapes if shape in content]


def canaries_of(person: Person) -> list[str]:
    return [NAME, EMAIL, MARK, str(person.id), person.id.hex]


@pytest.fixture
def world(app, session) -> World:
    return make_world(session, name=NAME, email=EMAIL, mark=MARK)


def test_no_canary_of_a_member_is_left_anywhere(app, session, engine, clock, world, caplog) -> None:
    canaries = canaries_of(world.person)
    before = found_in_rows(session, canaries)
    assert {line.partition(".")[0] for line in before} >= {
        "person", "mail", "live_event", "sign_up", "pending_sign_up", "staff_list", "case_item", "follow_up", "passkey",
        "login_session", "outer_identity", "formation_seat", "sign_in_code", "audit_event", "membership",
    }  # fmt: skip
    caplog.set_level(logging.DEBUG, logger="supervision")

    forget(app, session, world.person)
    session.expire_all()
    assert found_in_rows(session, canaries) == []
    session.commit()
    with app.app_context():
        db.session.remove()
        clock.set(LATER)
        jobs.plan_open_close(app)  # the sweep that writes the file anew
    assert not any(one in caplog.text for one in canaries)
    if engine.dialect.name == "sqlite":
        assert found_in_files(engine, canaries) == []


def test_the_control_finds_what_only_the_database_deleted(app, session, engine, world) -> None:
    canaries = canaries_of(world.person)
    session.delete(world.person)
    session.commit()
    left = {line.partition(":")[0] for line in found_in_rows(session, canaries)}
    assert {"mail.text", "live_event.data", "sign_in_code.email", "sign_up.not_with_sealed"} <= left


def test_others_go_on_without_the_name(app, session, world) -> None:
    meeting_id = world.meeting.id
    assert NAME in {one.name for one in standing(session, meeting_id).participants}
    listed = session.get(StaffList, world.rows["staff_list"].id)
    forget(app, session, world.person)
    session.expire_all()

    state = standing(session, meeting_id)
    assert state.participants[0].name == forgetting.NO_NAME
    assert state.presenters[0] == state.participants[0].id
    assert session.scalars(select(SignUp)).one().not_with == "Bo"
    rows, _faults = json.loads(seal_of(session).open(listed.read_sealed, "staff_list", "read", listed.id))
    assert [row[1] for row in rows] == ["Bo Ek"]
    waiting = session.scalars(select(Mail).where(Mail.sent_at.is_(None), Mail.to_email == world.supervisor.email)).one()
    assert "– kan inte komma." in waiting.text
    assert "Ni blir färre." in waiting.text
    assert session.scalars(select(LiveEvent.id)).all()


def test_the_seat_is_offered_to_the_next_in_line(app, session, world) -> None:
    group_id, visitor_id = world.group.id, world.visitor.id
    forget(app, session, world.person)
    session.expire_all()
    place = session.scalars(select(QueuePlace)).one()
    assert (place.person_id, place.status) == (visitor_id, "offered")
    assert session.get_one(Group, group_id).taken == 1
    assert session.scalars(select(Mail.to_email).where(Mail.kind == "offer")).one() == world.visitor.email
    assert session.get_one(Group, group_id).contact_id is None


def test_counts_and_the_audit_chain_stay(app, session, world) -> None:
    audit.chain(session)
    session.commit()
    run = world.rows["run"]
    run.people = run.placed = 1
    forget(app, session, world.person)
    session.expire_all()
    assert (run.people, run.placed) == (1, 1)
    event = session.get_one(type(world.rows["audit_event"]), world.rows["audit_event"].id)
    assert (event.actor_id, event.salt, event.number) == (None, None, event.number)
    assert event.chain_hash is not None


def test_a_supervisor_first_ends_their_groups_and_leaves_an_empty_row(app, session, world) -> None:
    supervisor = world.supervisor
    supervisor.name, supervisor.email, supervisor.title = NAME + " den äldre", "k.aldre@example.se", MARK
    session.commit()
    with pytest.raises(RuleBroken, match="erase_supervises"):
        forget(app, session, supervisor)
    session.rollback()
    world.group.status, world.group.ended_at = "ended", NOW
    session.commit()
    supervisor_id = supervisor.id
    forget(app, session, supervisor)
    session.expire_all()
    assert found_in_rows(session, [NAME + " den äldre", "k.aldre@example.se"]) == []
    emptied = session.get_one(Person, supervisor_id)
    assert (emptied.name, emptied.title, emptied.password_hash, emptied.is_supervisor) == ("–", "", None, False)
    assert emptied.email.endswith("@erased.invalid")
    left = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
        and session.execute(select(table).where(column == supervisor_id)).first() is not None
    }
    assert left == {"assignment.supervisor_id"}


def test_the_last_coordinator_waits_until_somebody_else_has_the_role(app, session, world) -> None:
    with pytest.raises(RuleBroken, match="erase_last_coordinator"):
        forget(app, session, world.coordinator)
    session.rollback()
    factories.make_manager(session, world.organisation, "coordinator")
    coordinator_id = world.coordinator.id
    forget(app, session, world.coordinator)
    assert session.get(Person, coordinator_id) is None


def test_who_has_no_tie_for_a_year_is_forgotten_and_nobody_sooner(app, session, clock) -> None:
    gone = factories.make_person(session)
    stays = factories.make_member(session, factories.make_group(session))
    supervisor = factories.make_supervisor(session)
    gone_id = gone.id
    ids = {one.id for one in (gone, stays, supervisor)}
    for days, left in ((365, ids), (366, ids - {gone_id})):
        clock.set(NOW + timedelta(days=days))
        session.commit()
        with app.app_context():
            jobs.purge(app)
        writing.set(True)
        assert set(session.scalars(select(Person.id))) & ids == left


def test_the_operator_forgets_by_a_command(app, session, world) -> None:
    supervisors_email = world.supervisor.email
    session.commit()
    run = app.test_cli_runner().invoke
    writing.set(True)
    assert "nobody" in run(args=["forget-person", "ingen@example.se", "--yes"]).output
    refused = run(args=["forget-person", supervisors_email, "--yes"])
    assert refused.exit_code == 1
    assert "End them first" in refused.output
    done = run(args=["forget-person", EMAIL, "--yes"])
    assert (done.exit_code, done.output.strip()) == (0, "Erased.")
    writing.set(True)
    session.expire_all()
    assert session.scalars(select(Person).where(Person.email == EMAIL)).all() == []


def test_what_is_said_to_stay_is_what_stays(app, session, world) -> None:
    session.delete(world.rows["visitors_place"])  # nobody is offered the seat, so no mail comes instead of theirs
    session.commit()
    before = own_data.count(own_data.gather(session, seal_of(session), world.person))
    kept = {table: len(session.execute(select(Base.metadata.tables[table])).all()) for table in before}
    forget(app, session, world.person)
    left = {table: len(session.execute(select(Base.metadata.tables[table])).all()) for table in before}
    shrunk = {table for table in before if left[table] < kept[table]}
    assert shrunk == set(before) - own_data.STAYS


def test_a_first_name_alone_takes_nothing_from_others(app, session, world) -> None:
    world.person.name = "Anna"
    wish = session.scalars(select(SignUp).where(SignUp.person_id == world.visitor.id)).one()
    wish.not_with = "Anna Berg, Anna"
    session.commit()
    forget(app, session, world.person)
    session.expire_all()
    assert wish.not_with == "Anna Berg"


def test_whoever_takes_the_name_of_another_erases_nothing_in_other_organisations(app, session, world) -> None:
    elsewhere = factories.make_group(session)
    other = factories.make_member(session, elsewhere)
    wish = SignUp(assignment_id=elsewhere.assignment_id, person_id=other.id, slots=[], needs=[], created_at=NOW)
    wish.not_with = f"Bo Ek, {NAME}"
    session.add(wish)
    letter = Letter("reminder", "Snart", (f"Mötet börjar. {NAME} kommer.",))
    for to in (other.email, world.supervisor.email):
        post(session, to=to, language="sv", letter=letter, now=NOW)
    session.commit()
    forget(app, session, world.person)
    session.expire_all()
    assert wish.not_with == f"Bo Ek, {NAME}"
    reminders = {mail.to_email: mail.text for mail in session.scalars(select(Mail).where(Mail.kind == "reminder"))}
    assert NAME in reminders[other.email]
    assert "– kommer." in reminders[world.supervisor.email]


def test_what_was_sealed_cannot_be_opened_in_a_copy_of_the_database(app, session, world) -> None:
    case = world.rows["told_case"]
    copied, row_id = bytes(case.sealed_text), case.id
    assert MARK in TextSeal(keyring_of(session)).open(copied, "case_item", "sealed_text", row_id)
    forget(app, session, world.person)
    with pytest.raises(CannotOpen):
        TextSeal(keyring_of(session)).open(copied, "case_item", "sealed_text", row_id)
