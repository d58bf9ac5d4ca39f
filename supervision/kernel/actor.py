"""Who is asking, and how they stand to things. Read anew for each request, never from a cookie."""

from dataclasses import dataclass
from uuid import UUID

NOBODY: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a request and every relation a policy may ask for; policies need no database.

    `supervises` holds assignment ids, `manages` and `coordinates` organisation ids, `member_of` ids of groups in
    which the person has a seat now. A stranger has `person_id` None and no relation.
    """

    person_id: UUID | None = None
    name: str = ""
    language: str | None = None
    is_operator: bool = False
    is_supervisor: bool = False
    supervises: frozenset[UUID] = NOBODY
    manages: frozenset[UUID] = NOBODY
    coordinates: frozenset[UUID] = NOBODY
    member_of: frozenset[UUID] = NOBODY

    @property
    def is_signed_in(self) -> bool:
        """Whether a person stands behind the request."""
        return self.person_id is not None

    @property
    def id(self) -> UUID:
        """The person's id; only asked behind a policy that wants someone signed in."""
        if self.person_id is None:
            raise LookupError("a stranger has no id")
        return self.person_id


STRANGER = Actor()
