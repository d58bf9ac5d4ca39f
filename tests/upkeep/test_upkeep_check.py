from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update

from supervision.audit import services as audit
from supervision.audit import tasks
from supervision.audit.codes import Action, ObjectKind
from supervision.audit.models import AuditEvent
from supervision.cases.models import Case
from supervision.evaluations.models import Campaign
from supervision.evaluations.sealing import KeyRing
from supervision.kernel.ids import new_id
from tests import factories
from tests.upkeep.test_upkeep_drill import fill


def write(home, count: int, at=factories.NOW) -> None:
    with home.session() as session:
        for _step in range(count):
            actor = factories.actor_of(factories.make_person(session))
            audit.record(session, actor, Action.GROUP_OPENED, ObjectKind.GROUP, new_id(), now=at)
        session.commit()


def change(home, statement) -> None:
    with home.session() as session:
        session.execute(statement)
        session.commit()


def test_each_fault_is_named_and_ends_with_one(home, clock) -> None:
    here = home("here")
    fill(here)
    write(here, 5)
    code, said = here.run("check")
    assert code == 0, said
    written_down = said.split("newest ")[1].split()[0]
    assert written_down.startswith("6:")  # signing in was the first
    assert here.run("check", "--since", written_down)[0] == 0
    assert here.run("check", "--since", "5:00")[0] == 2

    with here.session() as session:
        kind = session.scalars(select(AuditEvent.object_kind).where(AuditEvent.number == 2)).one()
    # an event is changed, taken away, and the newest are taken away
    change(here, update(AuditEvent).where(AuditEvent.number == 2).values(object_kind="meeting"))
    code, said = here.run("check")
    assert (code, "event 2 was changed" in said) == (1, True)
    change(here, update(AuditEvent).where(AuditEvent.number == 2).values(object_kind=kind))
    assert here.run("check")[0] == 0
    change(here, delete(AuditEvent).where(AuditEvent.number == 6))
    code, said = here.run("check")
    assert (code, "event 6 is missing" in said) == (1, True)
    (here.instance / tasks.NOTE).unlink()  # who could change the instance folder as well
    assert here.run("check")[0] == 0
    code, said = here.run("check", "--since", written_down)
    assert (code, "event 6 is missing" in said) == (1, True)
    assert here.run("check", "--note-anew")[0] == 0

    # the jobs process stands still
    write(here, 1, clock.at)
    clock.forward(hours=2)
    code, said = here.run("check")
    assert (code, "1 events of the audit log have waited" in said) == (1, True)
    assert here.run("check")[0] == 0  # the command has chained them

    # the key of an open evaluation is gone; a key has outlived its evaluation
    keys = KeyRing(here.instance / "keys")
    with here.session() as session:
        campaign = Campaign(
            assignment_id=factories.make_assignment(session).id,
            status="open",
            opens_at=factories.NOW,
            closes_at=factories.NOW + timedelta(days=21),
            created_at=factories.NOW,
        )
        session.add(campaign)
        session.flush()
        campaign.public_key = keys.make(campaign.id)
        session.commit()
        campaign_id = campaign.id
    assert here.run("check")[0] == 0
    keys.destroy(campaign_id)
    code, said = here.run("check")
    assert (code, f"evaluation {campaign_id} is gone" in said) == (1, True)
    change(here, update(Campaign).where(Campaign.id == campaign_id).values(status="void", public_key=None))
    keys.make(campaign_id)
    code, said = here.run("check")
    assert (code, "has outlived its evaluation" in said) == (1, True)
    keys.destroy(campaign_id)

    # a text is moved to another case
    with here.session() as session:
        one, two = session.scalars(select(Case).order_by(Case.id).limit(2)).all()
        kept, moved_to = two.sealed_text, two.id
        moved = one.sealed_text
    change(here, Case.__table__.update().where(Case.id == moved_to).values(sealed_text=moved))
    code, said = here.run("check")
    assert (code, f"{moved_to} does not open" in said) == (1, True)
    change(here, Case.__table__.update().where(Case.id == moved_to).values(sealed_text=kept))
    assert here.run("check")[0] == 0

    # others can read the folder, and the tables are of another revision
    here.instance.chmod(0o755)
    (here.instance / "keyring.sqlite").chmod(0o644)
    code, said = here.run("check")
    assert (code, "can be read by others" in said) == (1, True)
    here.instance.chmod(0o700)
    change(here, text("UPDATE alembic_version SET version_num = '0002'"))
    code, said = here.run("check")
    assert (code, "run flask db upgrade" in said) == (1, True)


def test_a_damaged_file_is_named(home) -> None:
    here = home("here")
    if not here.url.startswith("sqlite"):
        pytest.skip("PostgreSQL looks after its own files")
    fill(here)
    here.engine.dispose()
    path = here.instance / "rundan.sqlite"
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 2, len(content) // 2 + 6000):
        content[at] = 0x5A
    path.write_bytes(content)
    code, said = here.run("backup", here.instance / "safe")
    assert (code, "damaged" in said) == (1, True)
    assert list((here.instance / "safe").glob("*.backup")) == []
