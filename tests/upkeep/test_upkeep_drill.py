"""The drill: back up while another process writes, lose everything, restore elsewhere."""

import contextlib
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.cases.models import Case
from supervision.outbox.models import Mail
from supervision.people.models import LoginSession, Person
from supervision.people.services import start_session
from supervision.store.database import db
from supervision.upkeep import backup, postgres_copy, sqlite_copy
from supervision.upkeep.manifest import differing
from supervision.web.texts import text_seal
from tests import factories

TOP = Path(__file__).parents[2]
TEXT = "Kanariefågeln i natten"


@contextlib.contextmanager
def writer(url: str) -> Iterator["subprocess.Popen[bytes]"]:
    words = [sys.executable, "-m", "tests.upkeep.writing", url]
    with subprocess.Popen(words, cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.communicate(timeout=60)  # reads on, or a full pipe would keep it from ending


def wait_for(process: "subprocess.Popen[bytes]", number: int) -> int:
    told = 0
    while told < number:
        line = process.stdout.readline()
        assert line, "the writer has died"
        told = int(line)
    return told


def fill(home) -> None:
    """Bring a group with sealed cases and someone signed in."""
    with home.session() as session, home.app.app_context():
        group = factories.make_group(session)
        member = factories.make_member(session, group)
        for step in range(20):
            case = Case(
                group_id=group.id,
                author_id=member.id,
                kind="case",
                status="offered",
                created_at=factories.NOW,
                changed_at=factories.NOW,
            )
            session.add(case)
            session.flush()
            case.sealed_text = text_seal().seal(f"{TEXT} {step}", "case_item", "sealed_text", case.id)
        start_session(session, member, is_own_device=True, now=factories.NOW)
        session.commit()
        db.session.remove()


def tables_of(home) -> dict:
    home.engine.dispose()
    if home.url.startswith("sqlite"):
        return sqlite_copy.tables(home.instance / "rundan.sqlite")
    return postgres_copy.tables(home.engine.url)


def test_the_drill(home, tmp_path: Path, record_property) -> None:
    here = home("here")
    fill(here)
    with writer(here.url) as process:
        before = wait_for(process, 100)
        began = time.perf_counter()
        code, said = here.run("backup", tmp_path / "safe")
        backup_s = time.perf_counter() - began
        assert code == 0, said
        after = wait_for(process, before + 200)
    (path,) = (tmp_path / "safe").glob("*.backup")
    assert path.stat().st_mode & 0o777 == 0o600
    manifest = backup.manifest_of(path)

    keyring = tmp_path / "keyring.copy"
    here.app.extensions["keyring"].close()
    shutil.copy(here.instance / "keyring.sqlite", keyring)
    there = home("there", empty=True)
    shutil.copy(keyring, there.instance / "keyring.sqlite")
    began = time.perf_counter()
    code, said = there.run("restore", path)
    restore_s = time.perf_counter() - began
    assert code == 0, said
    record_property("backup_s", round(backup_s, 2))
    record_property("restore_s", round(restore_s, 2))
    record_property("transactions_meanwhile", after - before)

    changed = set(differing(manifest.tables, tables_of(there)))
    assert changed <= {"login_session", "audit_event"}  # ended, and noted; every other row is as it was
    with there.session() as session, there.app.app_context():
        people = set(session.scalars(select(Person.email).where(Person.name == "Writer")))
        mails = set(session.scalars(select(Mail.to_email).where(Mail.to_email.like("writer-%"))))
        assert people == mails == {f"writer-{number}@example.se" for number in range(1, len(people) + 1)}
        assert 100 <= len(people) <= after
        seal, cases = text_seal(), session.scalars(select(Case)).all()
        opened = {seal.open(case.sealed_text, "case_item", "sealed_text", case.id) for case in cases}
        assert opened == {f"{TEXT} {step}" for step in range(20)}
        assert session.scalars(select(LoginSession)).all() == []
        db.session.remove()
    code, said = there.run("check")
    assert code == 0, said


@pytest.mark.parametrize("point", ["copy", "hash", "verify", "rename"])
def test_a_backup_that_is_killed_leaves_nothing_by_its_name(tmp_path: Path, sqlite_template: Path, point: str) -> None:
    killed = (
        "import os, signal, sys\n"
        "from datetime import UTC, datetime\n"
        "from pathlib import Path\n"
        "from supervision.upkeep import backup, sqlite_copy\n"
        "def die(*_a, **_k): os.kill(os.getpid(), signal.SIGKILL)\n"
        "places = {'copy': (sqlite_copy, 'tables'), 'hash': (backup, 'hash_file'), 'verify': (backup, 'verify'),"
        " 'rename': (Path, 'rename')}\n"
        f"setattr(*places['{point}'], die)\n"
        f"backup.back_up('sqlite:///{sqlite_template}', Path('{tmp_path}'), datetime.now(UTC))\n"
    )
    done = subprocess.run([sys.executable, "-c", killed], cwd=TOP, check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.glob("*.backup")) == []
    assert len(list(tmp_path.glob(f"{backup.PART}*"))) == 1
    made = backup.back_up(f"sqlite:///{sqlite_template}", tmp_path, factories.NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == [backup.LOCK, made.name]
    backup.verify(made)


def test_old_backups_are_deleted_and_none_is_overwritten(tmp_path: Path, sqlite_template: Path) -> None:
    url = f"sqlite:///{sqlite_template}"
    for day in range(5):
        backup.back_up(url, tmp_path, factories.NOW + timedelta(days=day), keep=3)
    kept = sorted(path.name for path in tmp_path.glob("*.backup"))
    assert kept == [f"rundan-2026112{day}T080000Z.backup" for day in (6, 7, 8)]
    with pytest.raises(backup.Refused, match="never overwritten"):
        backup.back_up(url, tmp_path, factories.NOW + timedelta(days=4))
    assert sorted(path.name for path in tmp_path.glob("*.backup")) == kept
