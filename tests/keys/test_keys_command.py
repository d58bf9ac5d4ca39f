"""`flask keys` in clear words: status, rotate, adopt, check and tidy, on texts of this release and of earlier ones."""

import re
import uuid

import pytest
from sqlalchemy import select, text, update

from supervision import jobs
from supervision.cases.models import Case
from supervision.groups.models import SignUp
from supervision.store import forgetting
from supervision.store.base import Base
from supervision.store.keyring import Keyring
from supervision.store.places import places
from supervision.store.sealed import TextSeal, is_marked, place_of
from supervision.store.wrapping import WrappingKey
from tests.keys.conftest import CANARIES
from tests.keys.rotating import KEY, OLD_KEY

TEXTS = len(CANARIES)


@pytest.fixture
def run(app, session):
    """Run a command and return its words; a status other than the wanted one fails."""

    def words(*args: str, status: int = 0, **kwargs) -> str:
        session.commit()
        done = app.test_cli_runner().invoke(args=["keys", *args], **kwargs)
        assert done.exit_code == status, done.output
        assert not [canary for canary in CANARIES.values() if canary in done.output]
        return done.output

    return words


@pytest.fixture
def released(session, full) -> dict[str, bytes]:
    """The world as the first release wrote it: texts sealed with TEXT_KEY itself, the wish in plain."""
    seal, old = TextSeal(forgetting.keyring_of(session)), WrappingKey(OLD_KEY)
    kept = {}
    for place in places(Base.metadata):
        for row, sealed in session.execute(select(place.row, place.column)).tuples().all():
            words = seal.open(sealed, place.table.name, place.name, row)
            kept[place.table.name] = words
            direct = old.seal_direct(words.encode(), place_of(place.table.name, place.name, row))
            values = (
                {place.column.name: direct} if place.plain is None else {place.column.name: None, "not_with": words}
            )
            session.connection().execute(update(place.table).where(place.row == row).values(values))
    session.commit()
    return kept


def texts(session) -> dict[str, str]:
    session.expire_all()
    seal = TextSeal(forgetting.keyring_of(session))
    return {
        place.table.name: seal.open(sealed, place.table.name, place.name, row)
        for place in places(Base.metadata)
        for row, sealed in session.execute(select(place.row, place.column)).tuples()
    }


def test_texts_of_the_first_release_open_and_are_adopted_once(run, session, engine, released, keyring) -> None:
    assert session.scalars(select(SignUp)).one().not_with == CANARIES["sign_up"]
    assert f"Texts without a key:  {TEXTS}" in run("status")
    said = run("adopt")
    assert f"{TEXTS} of {TEXTS} texts have a key of their own (100 %)." in said
    assert texts(session) == released
    assert all(
        is_marked(bytes(sealed)) for place in places(Base.metadata) for sealed in session.scalars(select(place.column))
    )
    assert session.scalar(text("SELECT not_with FROM sign_up")) == ""
    assert session.scalars(select(SignUp)).one().not_with == CANARIES["sign_up"]
    assert run("adopt") == ""
    assert run("check") == f"{TEXTS} texts open, 0 do not.\n"


@pytest.mark.parametrize("wish", ["", "någon annan"])
def test_a_wish_in_plain_that_is_changed_or_withdrawn_is_gone(run, session, released, wish) -> None:
    found = session.scalars(select(SignUp)).one()
    found.not_with = wish
    session.commit()
    assert session.scalar(text("SELECT not_with FROM sign_up")) == ""
    run("adopt")
    assert session.scalars(select(SignUp)).one().not_with == wish


def test_the_jobs_adopt_too(app, session, released) -> None:
    with app.app_context():
        jobs.adopt_texts(app)
    assert texts(session) == released


def test_rotation_adopts_first_and_then_the_old_key_can_go(run, session, engine, released, keyring) -> None:
    TextSeal(Keyring(keyring.url, WrappingKey(OLD_KEY), is_durable=False)).seal("x", "t", "c", uuid.UUID(int=1))
    assert "under TEXT_KEY_OLD: 1" in run("status")
    said = run("rotate")
    assert "keys are under the new TEXT_KEY (100 %)." in said
    assert "TEXT_KEY_OLD can be removed" in said
    alone = Keyring(keyring.url, WrappingKey(KEY), is_durable=False)
    forgetting.attach(engine, alone)
    assert texts(session) == released
    assert "Nothing needs TEXT_KEY_OLD any more" in run("status")


def test_what_does_not_open_is_named_by_table_and_row_and_nothing_else(run, session, full, keyring) -> None:
    assert run("check") == f"{TEXTS} texts open, 0 do not.\n"
    keyring.destroy([bytes(session.scalars(select(Case.sealed_text)).one())[8:24]])
    other = Keyring(keyring.url, WrappingKey("a third key"), is_durable=False)
    sign_up = session.scalars(select(SignUp)).one()
    sign_up.not_with_sealed = TextSeal(other).seal("x", "sign_up", "not_with", sign_up.id)
    session.commit()
    said = run("check", status=1)
    assert f"case_item.sealed_text {full.case.id} does not open: its key is not in the keyring" in said
    assert f"sign_up.not_with_sealed {sign_up.id} does not open: its key is wrapped by another TEXT_KEY" in said
    assert f"{TEXTS - 2} texts open, 2 do not." in said
    assert "set TEXT_KEY_OLD to the TEXT_KEY they were made under" in run("status", status=1)
    assert "Keep TEXT_KEY_OLD until this is cleared up." in run("rotate", status=1)


def test_a_text_that_does_not_open_holds_up_no_adoption(run, session, released) -> None:
    case = session.scalars(select(Case)).one()
    session.connection().execute(update(Case.__table__).values(sealed_text=b"x" * 60))
    session.commit()
    said = run("adopt", status=1)
    assert re.search(rf"case_item.sealed_text {case.id} does not open: ", said)
    assert f"{TEXTS - 1} texts have got a key of their own." in said


def test_tidy_asks_and_then_destroys_what_has_no_text(run, session, engine, full, keyring) -> None:
    for _ in range(30):
        keyring.make()
    assert "Keys without a text:  30" in run("status")
    run("tidy", status=1, input="n\n")
    assert len(keyring.all_ids()) == TEXTS + 30
    assert "30 keys are destroyed." in run("tidy", input="y\n")
    assert len(keyring.all_ids()) == TEXTS
    assert texts(session).keys() == CANARIES.keys()


def test_the_sweep_of_the_jobs_says_when_it_does_not_dare(app, session, full, keyring, clock, caplog) -> None:
    for _ in range(30):
        keyring.make()
    with app.app_context():
        jobs.destroy_keys(app)
        clock.forward(hours=2)
        jobs.destroy_keys(app)
    assert f"30 of {TEXTS + 30} keys have no text. Right database?" in caplog.text
    assert len(keyring.all_ids()) == TEXTS + 30
