"""What the agreement's page shows: a version, what has changed in it, and who has accepted which."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.groups import agreement_queries, agreement_text, policy, queries, services
from supervision.groups.agreement_change import Paragraph, changes
from supervision.groups.agreement_queries import Accepted
from supervision.groups.models import Agreement, Group, Membership
from supervision.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """`changed` compares `agreement` with version `compared`: the one the reader accepted, else the one before.

    `members` pairs each seat with what they accepted; only the supervisor gets it. `own` is the reader's own.
    """

    agreement: Agreement
    versions: tuple[Agreement, ...]
    blocks: tuple[tuple[str, str], ...]
    compared: int | None
    changed: tuple[Paragraph, ...]
    own: Accepted | None
    members: tuple[tuple[Membership, Accepted | None], ...]

    @property
    def is_newest(self) -> bool:
        """Whether it is the version that counts."""
        return not self.versions or self.agreement.version == self.versions[0].version


def read(session: Session, actor: Actor, group: Group, version: str, now: datetime) -> AgreementPage:
    """Return the page of a version ("" or an unknown one: the newest) for this reader."""
    versions = tuple(agreement_queries.versions_of(session, group.id))
    by_number = {one.version: one for one in versions}
    asked = int(version) if version.isdecimal() and len(version) < 6 else 0
    found = by_number.get(asked) or (versions[0] if versions else services.first_agreement(group, now))
    may_run = policy.may_run_group(actor, group)
    own = None if may_run else agreement_queries.accepted_by(session, actor.id, group.id)
    compared = own.version if own and own.version < found.version and not asked else found.version - 1
    before = by_number.get(compared)
    accepted = agreement_queries.accepted_of(session, group.id) if may_run else {}
    members = queries.members_of(session, group.id) if may_run else []
    return AgreementPage(
        agreement=found,
        versions=versions,
        blocks=tuple(agreement_text.blocks(found.text)),
        compared=before.version if before else None,
        changed=changes(before.text, found.text) if before else (),
        own=own,
        members=tuple((member, accepted.get(member.person_id)) for member in members),
    )
