import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.engine import make_url

from supervision.cases.models import Case
from supervision.evaluations.models import Campaign, RegisterEntry
from supervision.evaluations.sealing import KeyRing
from supervision.factors.models import Passkey, RecoveryCode
from supervision.outbox.models import Mail
from supervision.people.models import Invitation, LoginSession, Person
from supervision.people.services import start_session
from supervision.store.database import db
from supervision.upkeep import backup, restore
from supervision.upkeep.manifest import Refused
from supervision.web.texts import text_seal
from tests import factories
from tests.upkeep.test_upkeep_drill import TEXT, fill, tables_of


def people(home) -> set[str]:
    with home.session() as session:
        return set(session.scalars(select(Person.email)))


def back_up(home, folder: Path) -> Path:
    code, said = home.run("backup", folder)
    assert code == 0, said
    return Path(said.splitlines()[0])


def test_what_has_ended_since_stays_ended(home, tmp_path: Path) -> None:
    here = home("here")
    fill(here)
    with here.session() as session, here.app.app_context():
        ann = factories.make_person(session, "Ann Kanarie")
        maria = factories.make_supervisor(session)
        session.add(Invitation(token_hash="t", person_id=ann.id, expires_at=factories.NOW + timedelta(days=7)))
        session.add(
            Mail(
                to_email=ann.email,
                language="sv",
                kind="offer",
                subject="x",
                text="x",
                html="x",
                message_id="m",
                created_at=factories.NOW,
                send_after_at=factories.NOW,
            )
        )
        lost = Passkey(
            person_id=maria.id, credential_id=b"lost", public_key=b"k", name="Telefon", created_at=factories.NOW
        )
        kept_key = Passkey(
            person_id=maria.id, credential_id=b"kept", public_key=b"k", name="Dator", created_at=factories.NOW
        )
        codes = [RecoveryCode(person_id=maria.id, code_hash=one) for one in ("used", "unused")]
        session.add_all([lost, kept_key, *codes])
        start_session(session, maria, is_own_device=True, now=factories.NOW)
        first = session.scalars(select(Case).order_by(Case.id)).first()
        campaign = Campaign(
            assignment_id=factories.make_assignment(session, maria).id,
            status="open",
            opens_at=factories.NOW,
            closes_at=factories.NOW + timedelta(days=21),
            created_at=factories.NOW,
        )
        session.add(campaign)
        session.flush()
        keys = KeyRing(here.instance / "keys")
        campaign.public_key = keys.make(campaign.id)
        session.add(RegisterEntry(campaign_id=campaign.id, person_id=ann.id, group_id=first.group_id))
        session.commit()
        emptied, erased, campaign_id = first.id, ann.id, campaign.id
        db.session.remove()
    path = back_up(here, tmp_path / "safe")

    with here.session() as session, here.app.app_context():  # what happens afterwards
        session.execute(update(Case).where(Case.id == emptied).values(sealed_text=None, status="purged"))
        case = session.get(Case, emptied)
        session.commit()
    with here.app.app_context():
        gone = here.app.extensions["keyring"]
        used = {bytes(one[8:24]) for one in _sealed(here)}
        gone.destroy([one for one in gone.all_ids() if one not in used])
    with here.session() as session:
        session.execute(delete(Person).where(Person.id == erased))
        session.execute(delete(Passkey).where(Passkey.credential_id == b"lost"))
        session.execute(update(RecoveryCode).where(RecoveryCode.code_hash == "used").values(used_at=factories.NOW))
        session.commit()
    keys.destroy(campaign_id)
    assert case is not None

    code, said = here.run("restore", "--replace", path)
    assert code == 0, said
    with here.session() as session:
        assert session.scalars(select(LoginSession)).all() == []
        assert session.scalars(select(Invitation)).all() == []
        assert session.get(Person, erased) is None
        assert session.scalars(select(Passkey.name)).all() == ["Dator"]
        unused = select(RecoveryCode.code_hash).where(RecoveryCode.used_at.is_(None))
        assert session.scalars(unused).all() == ["unused"]
        assert session.get(Case, emptied).sealed_text is None
        assert session.get(Campaign, campaign_id).status == "void"
        assert session.scalars(select(RegisterEntry)).all() == []
        waiting = session.scalars(select(Mail.kind).where(Mail.sent_at.is_(None), Mail.given_up_at.is_(None))).all()
        assert set(waiting) <= {"evaluation_void"}
        with here.app.app_context():
            kept = session.scalars(select(Case).where(Case.sealed_text.is_not(None))).all()
            opened = [text_seal().open(case.sealed_text, "case_item", "sealed_text", case.id) for case in kept]
            db.session.remove()
        assert len(opened) == 19
        assert all(one.startswith(TEXT) for one in opened)
    assert "erased again: 1" in said
    assert "emptied: 1" in said
    assert "void: 1" in said
    assert here.run("check")[0] == 0


def _sealed(home) -> list[bytes]:
    with home.session() as session:
        return [bytes(one) for one in session.scalars(select(Case.sealed_text).where(Case.sealed_text.is_not(None)))]


def test_a_database_with_rows_is_replaced_only_on_demand(home, tmp_path: Path) -> None:
    here = home("here")
    path = back_up(here, tmp_path / "safe")
    with here.session() as session:
        factories.make_person(session)
        session.commit()
    before = tables_of(here)
    code, said = here.run("restore", path)
    assert code == 1
    assert "--replace" in said
    assert tables_of(here) == before
    assert here.run("restore", "--replace", path)[0] == 0
    assert people(here) == set()


@pytest.mark.parametrize("how", ["cut", "bit", "manifest", "no zip"])
def test_a_damaged_backup_is_refused_and_nothing_is_touched(home, tmp_path: Path, how: str) -> None:
    here = home("here")
    fill(here)
    path = back_up(here, tmp_path / "safe")
    content = bytearray(path.read_bytes())
    if how == "cut":
        content = content[: len(content) * 2 // 3]
    elif how == "bit":
        content[len(content) // 2] ^= 1
    elif how == "manifest":
        at = content.index(b'"sha256": "') + 12
        content[at] = ord("0") if content[at] != ord("0") else ord("1")
    else:
        content = bytearray(b"a letter")
    path.write_bytes(content)
    before = tables_of(here)
    code, said = here.run("restore", "--replace", path)
    assert code == 1
    assert "damaged" in said or "no backup" in said
    assert tables_of(here) == before


def test_a_restore_that_fails_leaves_the_database_as_it_was(home, tmp_path: Path) -> None:
    here = home("here")
    path = back_up(here, tmp_path / "safe")
    fill(here)
    before = tables_of(here)

    def broken() -> None:
        raise RuntimeError("the migration breaks")

    with here.app.app_context(), pytest.raises(RuntimeError):
        restore.restore(
            here.url,
            path,
            replace=True,
            let_go_of_connections=here.engine.dispose,
            living=lambda: None,
            migrate=broken,
            settle=lambda living_before: [],  # noqa: ARG005
        )
    assert tables_of(here) == before


def test_a_restore_that_was_killed_gives_the_database_back(home, tmp_path: Path) -> None:
    here = home("here")
    path = back_up(here, tmp_path / "safe")
    fill(here)
    before = tables_of(here)
    place = restore._place(here.engine.url)
    here.engine.dispose()
    here.app.extensions["keyring"].close()
    place.set_aside()
    backup.unpack(path, tmp_path / "inside")
    place.fill(tmp_path / "inside")  # and here the machine goes down
    assert people(here) == set()
    code, said = here.run("restore", path)
    assert (code, "--replace" in said) == (1, True)
    assert tables_of(here) == before
    assert here.run("restore", "--replace", path)[0] == 0
    assert people(here) == set()


def test_a_restore_while_the_jobs_run_is_refused(home, tmp_path: Path) -> None:
    from threading import Event

    from supervision import jobs

    here = home("here")
    path = back_up(here, tmp_path / "safe")
    with jobs.leadership(here.app, Event()) as leads:
        assert leads
        code, said = here.run("restore", "--replace", path)
    assert code == 1
    assert "Stop the web and the jobs" in said


def test_the_keyring_is_backed_up_elsewhere_and_restored(home, tmp_path: Path) -> None:
    here = home("here")
    fill(here)
    path = back_up(here, tmp_path / "safe")
    code, said = here.run("backup-keys", tmp_path / "safe")
    assert (code, "elsewhere" in said) == (1, True)
    code, said = here.run("backup-keys", tmp_path / "keys")
    assert code == 0, said
    keys = Path(said.splitlines()[0])
    keyring = here.app.extensions["keyring"]
    all_keys = set(keyring.all_ids())
    assert len(all_keys) == 20
    stolen = path.read_bytes() + b"".join(_members(path))
    assert not [one for one in keyring.fetch(all_keys).values() if one in stolen]
    keyring.close()
    keyring._opened = None
    (here.instance / "keyring.sqlite").unlink()
    assert here.run("keys", "check")[0] == 1
    assert here.run("restore", "--replace", keys)[0] == 0
    assert set(keyring.all_ids()) == all_keys
    assert here.run("keys", "check")[0] == 0


def _members(path: Path) -> list[bytes]:
    import zipfile

    with zipfile.ZipFile(path) as opened:
        return [opened.read(name) for name in opened.namelist()]


def test_without_the_keyring_nothing_is_emptied(home, tmp_path: Path) -> None:
    here = home("here")
    fill(here)
    path = back_up(here, tmp_path / "safe")
    there = home("there", empty=True)  # a new machine, and nobody has brought the keyring yet
    code, said = there.run("restore", path)
    assert code == 0, said
    assert "right keyring" in said
    assert len(_sealed(there)) == 20
    here.app.extensions["keyring"].close()
    there.app.extensions["keyring"].close()
    there.app.extensions["keyring"]._opened = None
    shutil.copy(here.instance / "keyring.sqlite", there.instance / "keyring.sqlite")
    assert there.run("check")[0] == 0


def test_a_backup_of_another_kind_of_database_is_refused(tmp_path: Path, sqlite_template: Path) -> None:
    path = backup.back_up(f"sqlite:///{sqlite_template}", tmp_path, factories.NOW)
    other = make_url("postgresql+psycopg://nobody@/nothing")
    with pytest.raises(Refused, match="of sqlite"):
        restore.check_kind(backup.manifest_of(path), other)
