from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from supervision import jobs
from supervision.audit import queries, rules, services, tasks
from supervision.audit.codes import Action, ObjectKind
from supervision.audit.models import AuditAnchor, AuditEvent
from supervision.kernel.ids import new_id
from supervision.people.models import Person
from tests import factories


def write(session, person, count=1, *, about=None) -> None:
    for step in range(count):
        now = factories.NOW + timedelta(minutes=step)
        kind = ObjectKind.PERSON if about else ObjectKind.GROUP
        thing = about.id if about else new_id()
        services.record(session, factories.actor_of(person), Action.GROUP_OPENED, kind, thing, now=now)
    session.flush()


def faults(session, *witnesses) -> list[tuple[str, int]]:
    session.expire_all()
    found = rules.examine(queries.start(session), queries.links(session), witnesses)
    return [(one.code, one.number) for one in found]


def test_events_are_chained_once_in_order_of_time_and_go_on_later(session) -> None:
    ann = factories.make_person(session)
    write(session, ann, 3)
    assert services.chain(session).number == 3
    write(session, ann, 2)
    head = services.chain(session)
    assert head.number == 5
    assert services.chain(session) == head
    assert faults(session) == []
    numbers = session.scalars(select(AuditEvent.number).order_by(AuditEvent.number)).all()
    assert numbers == [1, 2, 3, 4, 5]


def test_nothing_but_known_codes_is_written_down(session) -> None:
    ann = factories.actor_of(factories.make_person(session))
    with pytest.raises(ValueError, match=r"group\.exploded"):
        services.record(session, ann, "group.exploded", ObjectKind.GROUP, None, now=factories.NOW)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="text"):
        services.record(session, ann, Action.GROUP_OPENED, "text", None, now=factories.NOW)  # type: ignore[arg-type]


CHANGES = {
    "at": factories.NOW - timedelta(seconds=1),
    "actor_id": None,
    "action": "group.ended",
    "object_kind": "meeting",
    "object_id": new_id(),
    "number": 40,
    "salt": b"y" * 16,
    "names_digest": b"y" * 32,
    "chain_hash": b"y" * 32,
}


@pytest.mark.parametrize("name", sorted(set(AuditEvent.__table__.columns.keys()) - {"id"}))
def test_each_column_changed_in_the_database_is_found(session, name: str) -> None:
    write(session, factories.make_person(session), 4)
    services.chain(session)
    session.execute(update(AuditEvent).where(AuditEvent.number == 2).values({name: CHANGES[name]}))
    assert {number for _code, number in faults(session)} & {2, 40}


def test_an_event_taken_away_or_put_in_is_found(session) -> None:
    ann = factories.make_person(session)
    write(session, ann, 4)
    head = services.chain(session)
    session.execute(delete(AuditEvent).where(AuditEvent.number == 2))
    assert faults(session)[0] == ("missing", 2)
    session.add(
        AuditEvent(
            number=2,
            at=factories.NOW,
            actor_id=None,
            action="group.opened",
            object_kind="group",
            names_digest=b"y" * 32,
            chain_hash=b"y" * 32,
        )
    )
    session.flush()
    assert faults(session)[0] == ("changed", 2)
    session.execute(delete(AuditEvent).where(AuditEvent.number >= 2))
    assert faults(session) == []
    assert faults(session, head) == [("missing", 4)]


def test_a_forgotten_person_is_in_no_event_and_the_chain_stays_whole(session) -> None:
    ann, maria = factories.make_person(session), factories.make_supervisor(session)
    write(session, ann, 2)
    write(session, maria, 2, about=ann)
    services.chain(session)
    write(session, ann, 1)  # not chained yet
    salts = session.scalars(select(AuditEvent.salt).where(AuditEvent.actor_id == ann.id)).all()
    ann_id = ann.id
    services.forget(session, ann_id)
    session.execute(delete(Person).where(Person.id == ann_id))
    assert faults(session) == []
    services.chain(session)
    assert faults(session) == []
    kept = str([vars(event) for event in session.scalars(select(AuditEvent))])
    assert str(ann_id) not in kept
    assert not [salt for salt in salts if salt and repr(salt) in kept]
    assert session.scalars(select(AuditEvent).where(AuditEvent.actor_id == maria.id)).all()


def test_a_person_deleted_without_being_forgotten_shows(session) -> None:
    ann = factories.make_person(session)
    write(session, ann, 1)
    services.chain(session)
    session.execute(delete(Person).where(Person.id == ann.id))
    assert faults(session) == [("names_changed", 1)]


def test_the_purge_keeps_where_the_chain_begins(session) -> None:
    ann = factories.make_person(session)
    write(session, ann, 5)
    services.purge(session, before=factories.NOW + timedelta(minutes=3))
    assert session.scalars(select(AuditEvent.number).order_by(AuditEvent.number)).all() == [4, 5]
    assert faults(session) == []
    services.purge(session, before=factories.NOW + timedelta(days=1))
    assert session.scalars(select(AuditEvent)).all() == []
    assert session.scalars(select(AuditAnchor.number)).all() == [5]
    write(session, ann, 1)
    assert services.chain(session).number == 6
    assert faults(session) == []
    session.execute(update(AuditAnchor).values(chain_hash=b"y" * 32))
    assert faults(session) == [("changed", 6)]


def test_the_sweep_notes_the_newest_place_and_no_longer_when_it_was_taken_away(app, session, tmp_path, caplog) -> None:
    write(session, factories.make_person(session), 3)
    session.commit()
    with app.app_context():
        head = tasks.chain(jobs.transaction, tmp_path)
        assert tasks.read_note(tmp_path) == head == rules.Head(3, head.chain_hash)
        assert (tmp_path / tasks.NOTE).stat().st_mode & 0o777 == 0o600
        session.execute(delete(AuditEvent).where(AuditEvent.number == 3))
        session.commit()
        tasks.chain(jobs.transaction, tmp_path)
    assert tasks.read_note(tmp_path) == head
    assert "flask check" in caplog.text
