"""What was purged cannot be read in an old backup of the database, with today's keyring and TEXT_KEY."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from supervision.cases import follow_up_services
from supervision.cases import services as cases
from supervision.cases import tasks as case_tasks
from supervision.cases.models import Case, FollowUp
from supervision.cases.rules.text import CaseText
from supervision.evaluations import statements
from supervision.evaluations.models import GroupStatement
from supervision.factors.models import Authenticator
from supervision.groups import invitations
from supervision.groups import services as groups
from supervision.groups.models import Group, PendingSignUp, SignUp, StaffList
from supervision.jobs import transaction
from supervision.notes import services as notes
from supervision.notes.models import Note
from supervision.notes.rules import NoteText
from supervision.people.models import Person
from supervision.privacy import forgetting as forgetting_of_people
from supervision.privacy.services import purge
from supervision.store import forgetting
from supervision.store.base import Base
from supervision.store.forgetting import TooMany, seal_of, sweep
from supervision.store.places import places, places_in
from supervision.store.sealed import MARK, TextSeal
from tests.database_files import bytes_of
from tests.factories import NOW, actor_of
from tests.keys.conftest import CANARIES

DAY = timedelta(days=1)


def test_before_anything_is_purged_the_backup_reads_everything(full, keyring, back_up) -> None:
    """The control: the same reading finds every canary while nothing has been deleted."""
    opened = back_up().opened(keyring)
    assert set(opened) == set(CANARIES) == {place.table.name for place in places(Base.metadata)}
    assert all(CANARIES[table] in text for table, text in opened.items())


def purge_after(days: float):
    def path(app, session, full):
        at = NOW + timedelta(days=days)
        with app.app_context():
            case_tasks.purge_cases(transaction, at)
            with transaction() as own:
                purge(own, now=at)

    return path


def erase_person(_app, session, full):
    session.delete(session.get_one(Person, full.person.id))


def erase_person_in_one_statement(_app, session, full):
    session.execute(delete(Person).where(Person.id == full.person.id))


def empty_the_tables_of_a_person(_app, session, full):
    for table in (Case, FollowUp, SignUp, Authenticator):
        column = table.author_id if table is Case else table.person_id
        session.execute(table.__table__.delete().where(column == full.person.id))


def delete_follow_up(_app, session, full):
    follow_up_services.delete_follow_up(session, actor_of(full.person), full.meeting, now=NOW)


def end_the_group(app, session, full):
    full.group.status, full.group.ended_at = "ended", NOW - 300 * DAY
    session.commit()
    purge_after(66)(app, session, full)


def erase_the_supervisor(app, session, full):
    """A supervisor with an assignment keeps an empty row, so that the database deletes nothing along."""
    full.group.status = "ended"
    session.commit()
    with app.app_context():
        forgetting_of_people.erase(session, seal_of(session), full.supervisor, now=NOW)


def delete_the_group(_app, session, full):
    session.execute(delete(Group).where(Group.id == full.group.id))


def delete_note(_app, session, full):
    notes.delete_note(session, actor_of(full.supervisor), session.scalars(select(Note)).one(), now=NOW)


def change_note(_app, session, full):
    note, text = session.scalars(select(Note)).one(), NoteText(text="nytt")
    notes.change_note(session, seal_of(session), actor_of(full.supervisor), note, text=text, meeting_id=None, now=NOW)


def use_up_lists(_app, session, full):
    groups.drop_pending(session, full.pending_id)
    invitations.drop_list(session, actor_of(full.supervisor), full.assignment)


def write_anew(_app, session, full):
    seal = seal_of(session)
    case = session.scalars(select(Case)).one()
    case.status = "draft"
    cases.edit(session, seal, case, text=CaseText(title="nytt"), facts=cases.CaseFacts(), now=NOW)
    session.scalars(select(SignUp)).one().not_with = "någon annan"
    statements.write(session, seal, actor_of(full.supervisor), full.group, "nytt", 1, NOW)


def withdraw_sign_up(_app, session, full):
    session.scalars(select(SignUp)).one().not_with = ""


PATHS = [
    (purge_after(15), {"case_item", "pending_sign_up", "staff_list"}),
    (purge_after(185), {"case_item", "follow_up", "pending_sign_up", "staff_list"}),
    (erase_person, {"case_item", "follow_up", "sign_up", "authenticator"}),
    (erase_person_in_one_statement, {"case_item", "follow_up", "sign_up", "authenticator"}),
    (empty_the_tables_of_a_person, {"case_item", "follow_up", "sign_up", "authenticator"}),
    (delete_follow_up, {"follow_up"}),
    (end_the_group, {"case_item", "private_note", "pending_sign_up", "staff_list"}),
    (erase_the_supervisor, {"private_note", "staff_list"}),
    (delete_the_group, {"case_item", "follow_up", "private_note", "group_statement"}),
    (delete_note, {"private_note"}),
    (change_note, {"private_note"}),
    (use_up_lists, {"pending_sign_up", "staff_list"}),
    (write_anew, {"case_item", "sign_up", "group_statement"}),
    (withdraw_sign_up, {"sign_up"}),
]


@pytest.mark.parametrize(("path", "gone"), PATHS, ids=lambda one: getattr(one, "__name__", ""))
def test_an_old_backup_reads_nothing_of_what_was_purged(app, session, full, keyring, back_up, path, gone) -> None:
    """The keys go with the commit, without a sweep; what was not purged still opens."""
    backup = back_up()
    path(app, session, full)
    session.commit()
    opened = backup.opened(keyring)
    still = {table for table in opened if table not in gone}
    assert not gone & set(opened)
    assert {"group_statement", "manager_answer"} - gone <= still
    assert all(one in keyring.all_ids() for one in used(session))


def used(session) -> set[bytes]:
    found = set()
    for place in places(Base.metadata):
        for sealed in session.scalars(select(place.column).where(place.column.is_not(None))):
            found.add(bytes(sealed)[len(MARK) : len(MARK) + 16])
    return found


def test_what_is_taken_back_keeps_its_key(session, full, keyring, back_up) -> None:
    backup = back_up()
    session.delete(session.get_one(Person, full.person.id))
    session.flush()
    session.rollback()
    session.get_one(Person, full.person.id).title = "something else is saved afterwards"
    session.commit()
    assert set(backup.opened(keyring)) == set(CANARIES)


def test_what_a_savepoint_takes_back_keeps_its_key(session, full, keyring, back_up) -> None:
    backup = back_up()
    session.execute(delete(StaffList))
    inner = session.begin_nested()
    session.execute(delete(FollowUp))
    session.scalars(select(SignUp)).one().not_with = "annat"
    session.flush()
    inner.rollback()
    session.execute(delete(PendingSignUp))
    session.commit()
    assert set(backup.opened(keyring)) == set(CANARIES) - {"pending_sign_up", "staff_list"}


def test_a_process_that_dies_between_commit_and_destroying_is_made_up_for_by_the_sweep(
    session, engine, full, keyring, back_up, monkeypatch
) -> None:
    backup = back_up()
    with monkeypatch.context() as cut:
        cut.setattr(type(keyring), "destroy", lambda *_: 0)
        session.delete(session.get_one(Person, full.person.id))
        session.commit()
    assert "case_item" in backup.opened(keyring)
    assert sweep(engine, NOW) == 0  # seen alone for the first time
    assert sweep(engine, NOW + timedelta(minutes=59)) == 0
    assert sweep(engine, NOW + timedelta(minutes=61)) == 4
    assert set(backup.opened(keyring)) == set(CANARIES) - {"case_item", "follow_up", "sign_up", "authenticator"}


def test_a_key_made_before_its_text_is_committed_outlives_the_sweep(session, engine, keyring, full) -> None:
    seal = seal_of(session)
    sealed = seal.seal("soon", "case_item", "sealed_text", full.case.id)
    sweep(engine, NOW)
    session.scalars(select(Case)).one().sealed_text = sealed
    session.commit()
    sweep(engine, NOW + timedelta(minutes=30))
    sweep(engine, NOW + 2 * DAY)
    assert TextSeal(keyring).open(sealed, "case_item", "sealed_text", full.case.id) == "soon"


def test_a_keyring_beside_the_wrong_database_is_left_alone(session, engine, full, keyring) -> None:
    for _ in range(30):
        keyring.make()
    assert sweep(engine, NOW) == 0
    with pytest.raises(TooMany):
        sweep(engine, NOW + DAY)
    assert len(keyring.all_ids()) == 30 + len(CANARIES)
    assert len(forgetting.unused(engine)) == 30


def test_no_byte_of_a_destroyed_key_stays_in_the_keyring_s_files(keyring, tmp_path: Path) -> None:
    ids = [keyring.make()[0] for _ in range(50)]
    raw = keyring.engine.raw_connection()
    wrapped = [bytes(one) for (one,) in raw.execute("SELECT wrapped FROM data_key")]
    raw.close()
    assert all(one in files(tmp_path) for one in wrapped)
    keyring.destroy(ids)
    left = files(tmp_path)
    assert not any(one in left for one in [*ids, *wrapped, *(one[24:] for one in wrapped)])


def files(folder: Path) -> bytes:
    return b"".join(bytes_of(path) for path in sorted(folder.glob("keyring.sqlite*")))


def test_what_hangs_on_what_is_known_for_every_table_with_texts() -> None:
    """Every table from which a deletion can reach a sealed text has one id, as the search for keys needs."""
    reached = [table for table in Base.metadata.sorted_tables if forgetting.leads_to_texts(table)]
    assert {"person", "supervision_group", "meeting", "assignment", "organisation"} <= {one.name for one in reached} | {
        "organisation"
    }
    assert all(len(table.primary_key.columns) == 1 for table in reached)
    assert places_in(GroupStatement.__table__)
