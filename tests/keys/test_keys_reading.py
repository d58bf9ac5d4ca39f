"""Reading many texts asks the keyring once; sealing and destroying at once loses nothing and waits for nobody."""

import stat
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import config
from supervision.cases.models import Case, FollowUp
from supervision.evaluations import statements
from supervision.evaluations.models import GroupStatement
from supervision.groups.models import SignUp
from supervision.kernel.ids import new_id
from supervision.store.database import writing
from supervision.store.forgetting import seal_of
from supervision.store.keyring import Keyring
from supervision.store.sealed import TextSeal
from supervision.store.wrapping import WrappingKey
from tests import factories
from tests.factories import NOW
from tests.keys.conftest import CANARIES
from tests.keys.rotating import KEY, ROOT

ROW = uuid.UUID(int=1)


def noted(session, group, people, days) -> None:
    meeting = factories.make_meeting(session, group, NOW - timedelta(days=days), status="held")
    seal = seal_of(session)
    for person in people:
        row = FollowUp(id=new_id(), meeting_id=meeting.id, person_id=person.id, created_at=NOW, changed_at=NOW)
        row.sealed_text = seal.seal('{"what": "kanariefågel"}', "follow_up", "sealed_text", row.id)
        session.add(row)
    session.commit()


def test_a_page_with_many_texts_asks_the_keyring_once(session, keyring, browser, keyring_queries) -> None:
    group = factories.make_group(session)
    people = [factories.make_member(session, group) for _ in range(6)]
    noted(session, group, people, days=1)
    phone = factories.sign_in(browser(), people[0], session)
    counts = []
    for days in (2, 15, 29):
        keyring_queries.clear()
        assert phone.get(f"/groups/{group.id}/follow-ups").text.count("kanariefågel") > 0
        counts.append(len(keyring_queries))
        noted(session, group, people, days)
    assert counts == [1, 1, 1]
    assert phone.get(f"/groups/{group.id}/follow-ups").text.count("kanariefågel") == 24


def test_a_page_without_texts_asks_the_keyring_nothing(session, keyring, browser, keyring_queries) -> None:
    person = factories.make_member(session, factories.make_group(session))
    phone = factories.sign_in(browser(), person, session)
    keyring_queries.clear()
    phone.get("/me")
    assert keyring_queries == []


def test_wishes_of_many_and_words_of_many_groups_are_one_query_each(session, keyring, keyring_queries) -> None:
    assignment = factories.make_assignment(session)
    seal = seal_of(session)
    for number in range(5):
        group = factories.make_group(session, assignment, name=f"Grupp {number}")
        row = GroupStatement(id=new_id(), group_id=group.id, version=1, written_at=NOW, released_on=NOW.date())
        row.sealed_text = seal.seal("ord", "group_statement", "sealed_text", row.id)
        person = factories.make_member(session, group)
        wish = SignUp(assignment_id=assignment.id, person_id=person.id, not_with="Olle", created_at=NOW)
        session.add_all([row, wish])
    assignment_id = assignment.id
    session.commit()
    with Session(session.get_bind()) as other:
        keyring_queries.clear()
        assert [one.text for one in statements.voices(other, seal_of(other), assignment_id).said] == ["ord"] * 5
        assert len(keyring_queries) == 1
        keyring_queries.clear()
        assert [one.not_with for one in other.scalars(select(SignUp)).all()] == ["Olle"] * 5
        assert len(keyring_queries) == 1
        other.rollback()


def test_saving_an_unchanged_wish_takes_no_new_key(session, keyring, keyring_queries) -> None:
    group = factories.make_group(session)
    person = factories.make_member(session, group)
    session.add(SignUp(assignment_id=group.assignment_id, person_id=person.id, not_with="Olle", created_at=NOW))
    session.commit()
    found = session.scalars(select(SignUp)).one()
    found.not_with = "Olle"
    session.commit()
    assert len(keyring.all_ids()) == 1


def test_the_file_is_its_owner_s_alone(keyring, tmp_path: Path) -> None:
    keyring.make()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("keyring.sqlite*")}
    assert set(modes.values()) == {0o600}
    assert len(modes) >= 2, "the log beside it too"


def test_two_threads_that_write_the_same_record_both_commit_and_the_last_one_reads(app, session, full, keyring) -> None:
    engine = session.get_bind()

    def work(name: str) -> None:
        writing.set(True)
        for number in range(15):
            with Session(engine) as own:
                case = own.scalars(select(Case).with_for_update()).one()
                case.sealed_text = seal_of(own).seal(f"{name} {number}", "case_item", "sealed_text", case.id)
                own.commit()

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(work, name) for name in ("one", "two", "three")]
        assert [one.result(timeout=180) for one in done] == [None] * 3, "database and keyring wait for each other"
    session.expire_all()
    case = session.scalars(select(Case)).one()
    assert seal_of(session).open(case.sealed_text, "case_item", "sealed_text", case.id).endswith(" 14")
    session.rollback()
    assert len(keyring.all_ids()) == len(CANARIES), "one for each text, none of those that were replaced"


SEALS = """
import sys, uuid
from supervision.store.keyring import Keyring
from supervision.store.sealed import TextSeal
from supervision.store.wrapping import WrappingKey
seal = TextSeal(Keyring(sys.argv[1], WrappingKey(sys.argv[2])))
for number in range(100):
    print(seal.seal(f"text {number}", "t", "c", uuid.UUID(int=1)).hex())
"""


def test_processes_that_begin_a_new_keyring_at_once_lose_no_key(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'keyring.sqlite'}"
    words = [sys.executable, "-c", SEALS, url, KEY]
    running = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    sealed = [bytes.fromhex(line) for one in running for line in one.communicate(timeout=120)[0].split()]
    assert [one.returncode for one in running] == [0, 0, 0]
    keyring = Keyring(url, WrappingKey(KEY))
    seal = TextSeal(keyring)
    seal.ready(sealed)
    assert [seal.open(one, "t", "c", ROW) for one in sealed] == [f"text {number}" for number in range(100)] * 3
    keyring.close()


def test_settings_of_the_keyring(tmp_path: Path) -> None:
    usual = config.load({"RUNDAN_INSTANCE": str(tmp_path)})
    assert usual.keyring == f"sqlite:///{tmp_path / 'keyring.sqlite'}"
    assert usual.text_key_old is None
    set_ = config.load({"KEYRING_URL": "postgres://u@h/keys", "TEXT_KEY_OLD": "before"})
    assert (set_.keyring, set_.text_key_old) == ("postgresql+psycopg://u@h/keys", "before")
    with pytest.raises(config.SettingsMissing, match="KEYRING_URL"):
        config.load({"KEYRING_URL": "postgres://u@h/d", "DATABASE_URL": "postgresql://u@h/d"})


def test_a_short_earlier_key_is_refused_in_production() -> None:
    names = ("SECRET_KEY", "TEXT_KEY")
    good = {"RUNDAN_ENV": "production", "TRUSTED_HOSTS": "x", "BASE_URL": "https://x", **dict.fromkeys(names, "t" * 40)}
    with pytest.raises(config.SettingsMissing, match="TEXT_KEY_OLD"):
        config.load({**good, "TEXT_KEY_OLD": "short"})
