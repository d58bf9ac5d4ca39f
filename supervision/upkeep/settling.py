"""What is done to restored rows before anyone may use them: nothing that has ended comes to life again."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, inspect, select, update
from sqlalchemy.orm import Session

from supervision.audit import services as audit
from supervision.audit import tasks as audit_tasks
from supervision.audit.codes import Action, ObjectKind
from supervision.calendar.models import CalendarFeed
from supervision.cases.models import Case
from supervision.evaluations import mails as evaluation_mails
from supervision.evaluations import queries as evaluations
from supervision.evaluations import services as evaluation_services
from supervision.evaluations.models import Campaign
from supervision.evaluations.sealing import KeyRing
from supervision.factors.models import Passkey, PasskeyChallenge, RecoveryCode
from supervision.groups.models import PendingSignUp, StaffList
from supervision.kernel.actor import STRANGER
from supervision.kernel.errors import RuleBroken
from supervision.outbox.models import Mail
from supervision.people.models import Invitation, LoginSession, Person, SignInCode
from supervision.privacy import forgetting
from supervision.privacy import services as privacy
from supervision.store import adoption
from supervision.store.forgetting import MANY, keyring_of, seal_of
from supervision.store.sealed import key_id_of

Transaction = Callable[[], AbstractContextManager[Session]]
ONE_TIME = {
    LoginSession: "sessions",
    SignInCode: "sign-in codes",
    PendingSignUp: "unconfirmed sign-ups",
    StaffList: "uploaded staff lists",
    PasskeyChallenge: "passkey challenges",
    Invitation: "invitations",
    CalendarFeed: "calendar addresses",
}
"""What may have been used or ended since the backup, and would work again."""


def living_in(session: Session) -> frozenset[uuid.UUID] | None:
    """Return the ids of everyone in the database, of passkeys and of unused recovery codes; None without people."""
    tables = inspect(session.connection())
    if not tables.has_table("person"):
        return None
    people = frozenset(session.scalars(select(Person.id)))
    if not people or not tables.has_table("passkey"):  # a database of the first release has no second step
        return people or None
    codes = select(RecoveryCode.id).where(RecoveryCode.used_at.is_(None))
    return people.union(session.scalars(select(Passkey.id)), session.scalars(codes))


def settle(
    transaction: Transaction, instance: Path, living_before: frozenset[uuid.UUID] | None, now: datetime
) -> list[str]:
    """End what may have ended since the backup, and return what was done, in plain lines.

    Each step can be done twice. `living_before` are those of the database that was replaced: whoever is in the backup
    and not among them has been erased since, and is erased again. Passkeys removed and recovery codes used since open
    nothing again.
    """
    lines = []
    with transaction() as session:
        lines += [f"ended: {count} {word}" for word, count in _end(session).items() if count]
        lines += _give_up_mail(session, now)
    lines += _void(transaction, KeyRing(instance / "keys"), now)
    lines += _drop_closed_texts(transaction)
    with transaction() as session:
        lines += _end_factors(session, living_before, now)
        lines += _erase_again(session, living_before, now)
        privacy.purge(session, now=now)
        audit.record(session, STRANGER, Action.DATABASE_RESTORED, ObjectKind.INSTALLATION, None, now=now)
    with transaction() as session:
        head = audit.chain(session)
    audit_tasks.write_note(instance, head)
    return lines


def _end(session: Session) -> dict[str, int]:
    return {word: session.execute(delete(table)).rowcount for table, word in ONE_TIME.items()}  # type: ignore[attr-defined]


def _give_up_mail(session: Session, now: datetime) -> list[str]:
    """Give up mail that waited when the backup was made: it has most likely been sent since."""
    waiting = Mail.sent_at.is_(None) & Mail.given_up_at.is_(None)
    count = session.execute(update(Mail).where(waiting).values(given_up_at=now)).rowcount  # type: ignore[attr-defined]
    return [f"not sent: {count} mails that waited when the backup was made"] if count else []


def _void(transaction: Transaction, keys: KeyRing, now: datetime) -> list[str]:
    """Make open evaluations void whose key is gone, and tell their people."""
    with transaction() as session:
        held = session.scalars(select(Campaign.id).where(Campaign.status == "open")).all()
    count = 0
    for campaign_id in held:
        with transaction() as session:
            campaign = evaluations.lock_campaign(session, campaign_id)
            people = evaluations.people_of(session, campaign_id)
            if campaign is not None and evaluation_services.void_if_lost(session, campaign, keys):
                evaluation_mails.post_void(session, people, now)
                count += 1
    return [f"void: {count} open evaluations, whose key is gone"] if count else []


def _drop_closed_texts(transaction: Transaction) -> list[str]:
    """Empty the texts whose data key has been destroyed since the backup: they were deleted, and stay so.

    Where most texts have no key, the keyring is probably not the one of then, and nothing is emptied.
    """
    with transaction() as session:
        told = list(adoption.check(session))
        faulty = [one for one in told if one is not None]
        keyless = [one for one in faulty if _has_lost_its_key(session, one)]
        if len(keyless) >= MANY and 2 * len(keyless) > len(told):
            return [f"{len(keyless)} texts have no key: is this the right keyring? Nothing is emptied. See flask check"]
        for one in keyless:
            table, column = one.place.table, one.place.column
            if column.nullable:
                emptied = {column.name: None} | ({"status": "purged"} if table is Case.__table__ else {})
                session.execute(update(table).where(one.place.row == one.row).values(emptied))
            else:
                session.execute(delete(table).where(one.place.row == one.row))
    lines = [f"emptied: {len(keyless)} texts that had been deleted since the backup"] if keyless else []
    if len(faulty) > len(keyless):
        lines.append(f"{len(faulty) - len(keyless)} texts do not open: is TEXT_KEY the one of then? See flask check")
    return lines


def _has_lost_its_key(session: Session, one: adoption.Faulty) -> bool:
    sealed = session.scalar(select(one.place.column).where(one.place.row == one.row))
    key_id = key_id_of(bytes(sealed)) if sealed else None
    return key_id is not None and not keyring_of(session).kept([key_id])


def _end_factors(session: Session, living_before: frozenset[uuid.UUID] | None, now: datetime) -> list[str]:
    """Remove passkeys that were removed since, and use up recovery codes that were used or replaced since."""
    known = living_before or frozenset()
    if known.isdisjoint(session.scalars(select(Person.id))):
        return []  # the database that was replaced is lost, or another installation's
    passkeys = [one for one in session.scalars(select(Passkey)) if one.id not in known]
    unused = select(RecoveryCode).where(RecoveryCode.used_at.is_(None))
    used = [one for one in session.scalars(unused) if one.id not in known]
    for passkey in passkeys:
        session.delete(passkey)
    for code in used:
        code.used_at = now
    session.flush()
    counted = ((len(passkeys), "passkeys removed"), (len(used), "recovery codes used or replaced"))
    return [f"ended: {count} {word} since the backup" for count, word in counted if count]


def _erase_again(session: Session, living_before: frozenset[uuid.UUID] | None, now: datetime) -> list[str]:
    if living_before is None:
        return []
    restored = session.scalars(select(Person).order_by(Person.id)).all()
    gone = [person for person in restored if person.id not in living_before]
    if len(gone) == len(restored):
        return []  # another installation's database was replaced
    erased = 0
    for person in gone:
        try:
            forgetting.erase(session, seal_of(session), person, now=now)
        except RuleBroken:
            continue
        erased += 1
    lines = [f"erased again: {erased} people who had been erased since the backup"] if erased else []
    if erased < len(gone):
        lines.append(f"not erased: {len(gone) - erased} people others depend on; see flask forget-person")
    return lines
