"""Who is asking, and how they stand to things. Read anew for each request, never from a cookie."""

from dataclasses import dataclass, replace
from typing import Self
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
    factor: str = "none"
    """What this session has shown besides a code or a password: none, totp, recovery, passkey or oidc."""
    has_key: bool = True
    """Whether the person has a password, or this session showed a passkey or a provider; without, no role counts."""
    lacks_key: bool = False
    """Whether the person has a role that does not count, since this session has shown a mailed code only."""
    needs_factor: bool = False
    """Whether the session stands between password and second factor; it has no relation then (`as_admitted`)."""

    @property
    def has_role(self) -> bool:
        """Whether the person is supervisor, manager, coordinator or operator: anything but a participant."""
        return bool(self.is_operator or self.is_supervisor or self.supervises or self.manages or self.coordinates)

    def as_admitted(self) -> Self:
        """Return the actor with what the session has earned (PRIVACY: signing in).

        A role counts for those only who have a key of their own; a code by mail opens no office. And whoever has a role
        but has not shown a second factor in this session has no relation at all until then.
        """
        if not self.has_key:
            return replace(
                self,
                is_operator=False,
                is_supervisor=False,
                supervises=NOBODY,
                manages=NOBODY,
                coordinates=NOBODY,
                lacks_key=self.has_role,
            )
        if self.has_role and self.factor == "none":
            return type(self)(person_id=self.person_id, name=self.name, language=self.language, needs_factor=True)
        return self

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
