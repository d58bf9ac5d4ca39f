"""Everything Rundan keeps about one person, read from every table that names them.

`PARTS` says for each table which rows are a person's own, which columns they get, and why not the others;
`NOT_INCLUDED` says why a table has nothing for them. The tests compare both with the tables as they are. The file's
shape is described in docs/privacy.md; a change of it raises `VERSION`.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, String, Table, and_, cast, func, select
from sqlalchemy.orm import Session

from supervision.outbox.rules import OPENING
from supervision.people.models import Person
from supervision.store.base import Base
from supervision.store.sealed import CannotOpen, TextSeal

FORMAT = "rundan-own-data"
VERSION = 1
OPENS = "a secret, kept hashed or sealed; it would open your account"
INNER = "an inner number without meaning for you"
OTHERS = "about other people"

Mine = Callable[[Table, Person], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table that are a person's own: `key` in the file, columns given, columns left out and why."""

    key: str
    table: str
    mine: Mine
    columns: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    named_by: str = ""
    """The column that names the person."""
    rest: str = ""
    """Why every other column is left out, where the row is about more than the person."""


def _by(column: str) -> Mine:
    return lambda table, person: table.c[column] == person.id


def _own(
    key: str,
    columns: Sequence[str],
    left_out: Mapping[str, str] | None = None,
    *,
    table: str = "",
    by: str = "person_id",
    rest: str = "",
) -> Part:
    return Part(key, table or key, _by(by), tuple(columns), left_out or {}, by, rest)


def _of_seat(table: Table, person: Person) -> ColumnElement[bool]:
    seat = Base.metadata.tables["membership"]
    return table.c.membership_id.in_(select(seat.c.id).where(seat.c.person_id == person.id))


def _to_address(column: str) -> Mine:
    return lambda table, person: func.lower(table.c[column]) == person.email


def _in_round(table: Table, person: Person) -> ColumnElement[bool]:
    return and_(cast(table.c.data, String).contains(str(person.id)), table.c.kind != "refused")


def _about(table: Table, person: Person) -> ColumnElement[bool]:
    return and_(table.c.object_kind == "person", table.c.object_id == person.id)


_AUDIT = {"salt": INNER, "names_digest": INNER, "chain_hash": INNER, "number": INNER, "object_id": INNER}

PARTS: tuple[Part, ...] = (
    _own(
        "person",
        ("name", "email", "language", "title", "is_supervisor", "is_operator", "no_reminders_at", "created_at"),
        {"password_hash": OPENS, "devices_forgotten": INNER},
        by="id",
    ),
    _own(
        "sign_up",
        (
            "assignment_id",
            "unit",
            "experience",
            "slots",
            "slot_wishes",
            "ways_km",
            "needs",
            "not_with",
            "not_with_sealed",
            "created_at",
            "withdrawn_at",
        ),
    ),
    _own("membership", ("group_id", "joined_at", "left_at"), {"place_no": INNER, "agreement_reminded": INNER}),
    Part("dates_sent", "dates_sent", _of_seat, ("membership_id", "sent_at")),
    _own("queue_place", ("group_id", "status", "queued_at", "offer_until_at", "from_group_id"), {"number": INNER}),
    _own(
        "contact_of",
        ("name",),
        {},
        table="supervision_group",
        by="contact_id",
        rest="the group's, not one person's",
    ),
    _own("agreement_acceptance", ("agreement_id", "accepted_at")),
    _own("answer", ("meeting_id", "is_coming", "answered_at")),
    _own("attendance", ("meeting_id", "kind")),
    _own("reminder", ("meeting_id", "kind", "starts_at", "sent_at")),
    _own(
        "cover_request",
        ("organisation_id", "starts_at", "ends_at", "status", "asked_at", "answered_at", "reminded_at"),
        {"meeting_id": "the request stands on its own", "answered_by_id": OTHERS},
    ),
    _own(
        "case_item",
        (
            "group_id",
            "kind",
            "status",
            "is_urgent",
            "wishes",
            "tags",
            "sealed_text",
            "meeting_id",
            "created_at",
            "changed_at",
            "offered_at",
            "presented_at",
        ),
        by="author_id",
    ),
    _own("turn_promise", ("meeting_id", "reason", "told_at", "stepped_back_at"), {"seed": INNER}),
    _own("willing_turn", ("meeting_id", "said_at")),
    _own("follow_up", ("meeting_id", "sealed_text", "created_at", "changed_at")),
    _own("private_note", ("group_id", "meeting_id", "sealed_text", "created_at", "changed_at"), by="author_id"),
    Part(
        "live_event",
        "live_event",
        _in_round,
        ("meeting_id", "kind", "at"),
        {"data": OTHERS, **dict.fromkeys(("seq", "device_id", "device_event_id", "device_at", "device_no"), INNER)},
    ),
    _own("register_entry", ("campaign_id", "group_id"), {"done": "see the note on evaluations"}),
    _own(
        "formation_seat",
        ("run_id", "group_no", "is_moved", "is_seated", "moved_why", "reason", "help_kind", "help_slot", "help_place"),
        {"others": OTHERS},
    ),
    _own("role_holding", ("organisation_id", "role", "invited_as")),
    _own(
        "assignment_led",
        ("title", "organisation_id", "starts_on", "ends_on"),
        table="assignment",
        by="supervisor_id",
        rest="the order's, not one person's",
    ),
    _own("organisation_opened", ("name", "country", "created_at"), table="organisation", by="created_by_id"),
    _own("own_format", ("data", "created_at", "changed_at"), by="supervisor_id"),
    _own("supervisor_times", ("slots", "places", "languages", "most_groups", "changed_at")),
    _own(
        "formation_asked",
        ("assignment_id", "status", "asked_at"),
        table="formation_run",
        by="asked_by_id",
        rest="the proposal's, about other people",
    ),
    _own("manager_answer", ("group_id", "assignment_id", "sealed_text", "changed_at", "sent_at"), by="author_id"),
    _own("staff_list", ("assignment_id", "expires_at"), {"read_sealed": OTHERS}),
    _own("calendar_feed", ("created_at",), {"token_hash": OPENS}),
    _own(
        "login_session",
        ("started_at", "seen_at", "is_own_device", "factor", "factor_at", "device"),
        {"token_hash": OPENS},
    ),
    Part(
        "sign_in_code",
        "sign_in_code",
        _to_address("email"),
        ("expires_at", "used_at", "tries"),
        {"code_hash": OPENS, "browser_hash": OPENS, "email": "your address"},
    ),
    _own("invitation", ("expires_at", "used_at"), {"token_hash": OPENS}),
    _own("authenticator", ("created_at",), {"sealed_secret": OPENS, "last_step": INNER}),
    _own("recovery_code", ("used_at",), {"code_hash": OPENS}),
    _own(
        "passkey",
        ("name", "created_at", "used_at"),
        {"credential_id": OPENS, "public_key": OPENS, "sign_count": INNER},
    ),
    _own("passkey_challenge", ("expires_at",), {"challenge": OPENS}),
    _own("outer_identity", ("issuer", "subject", "linked_at")),
    Part(
        "mail",
        "mail",
        _to_address("to_email"),
        ("kind", "subject", "text", "language", "created_at", "sent_at"),
        {
            "to_email": "your address",
            "html": "the same words as the text",
            "calendar": "dates that stand in the text",
            "fault": INNER,
            **dict.fromkeys(("calendar_method", "message_id", "send_after_at", "given_up_at", "attempts"), INNER),
        },
    ),
    _own("audit_event", ("at", "action", "object_kind"), _AUDIT, by="actor_id"),
    Part("audit_about", "audit_event", _about, ("at", "action"), {**_AUDIT, "actor_id": OTHERS, "object_kind": "you"}),
)

NOT_INCLUDED: dict[str, str] = {
    "agreement": "the group's, not one person's",
    "attempt": "hashed, and gone after a day",
    "audit_anchor": INNER,
    "ballot": "answers of an evaluation cannot be linked to anyone",
    "campaign": "holds no person",
    "evaluation_release": "holds no person",
    "formation_frame": "holds no person",
    "group_statement": "the group's, not one person's",
    "live_control": "holds no person",
    "live_summary": "holds no person",
    "meeting": "the group's dates; yours stand beside what you did",
    "pending_sign_up": "sealed, tied to a browser and not to a person, and gone after an hour",
    "questionnaire_version": "holds no person",
    "sweep_run": "holds no person",
    "statement_approval": "no trace of who approves is to outlive the release of the group's words",
}

_NAMED: dict[str, tuple[str, str]] = {
    "group_id": ("group", "supervision_group"),
    "from_group_id": ("from_group", "supervision_group"),
    "meeting_id": ("meeting", "meeting"),
    "assignment_id": ("assignment", "assignment"),
    "organisation_id": ("organisation", "organisation"),
    "membership_id": ("group", "membership"),
    "agreement_id": ("agreement", "agreement"),
    "campaign_id": ("evaluation", "campaign"),
    "run_id": ("proposal", "formation_run"),
}
"""What an id is called in the file, and the table whose row says it in words."""

SEALED = {"sealed_text": ("sealed_text", "text"), "not_with_sealed": ("not_with", "not_with")}
"""Sealed column -> the name under which it is sealed, and what it is called in the file once opened."""
IN_FIELDS = frozenset({"case_item", "follow_up", "private_note"})
"""Tables whose sealed text the program has divided into fields; any other is read as it was written."""

STAYS = frozenset(
    {"assignment", "audit_event", "formation_run", "live_event", "manager_answer", "organisation", "supervision_group"}
)
"""Tables whose rows stay when a person is erased, without them; `person` stays only under assignments."""


def called(column: str) -> str:
    """Return what a column is called in the file."""
    if column in SEALED:
        return SEALED[column][1]
    return _NAMED[column][0] if column in _NAMED else column


def gather(session: Session, seal: TextSeal, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return every row that is the person's own, in plain values; one query a table and one for each kind of name."""
    found = {part.key: _rows(session, part, person) for part in PARTS}
    names = _names(session, found)
    return {part.key: [_plain(seal, part, row, names) for row in found[part.key]] for part in PARTS}


def count(gathered: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, int]:
    """Return table -> how many rows are the person's own, without empty ones."""
    counts: dict[str, int] = {}
    for part in PARTS:
        if gathered[part.key]:
            counts[part.table] = counts.get(part.table, 0) + len(gathered[part.key])
    return counts


def as_json(gathered: Mapping[str, Any], *, now: datetime) -> str:
    """Return the file: format, version, the instant it was made, the data, and what is not in it and why."""
    return json.dumps(
        {
            "format": FORMAT,
            "version": VERSION,
            "made_at": _value(now),
            "data": gathered,
            "not_included": {
                "tables": NOT_INCLUDED,
                "columns": {part.key: dict(part.left_out) for part in PARTS if part.left_out},
            },
        },
        ensure_ascii=False,
        indent=2,
    )


def _rows(session: Session, part: Part, person: Person) -> Sequence[RowMapping]:
    table = Base.metadata.tables[part.table]
    wanted = [table.c[name] for name in dict.fromkeys([*part.columns, *(key.name for key in table.primary_key)])]
    chosen = select(*wanted).where(part.mine(table, person)).order_by(*table.primary_key)
    return session.execute(chosen).mappings().all()


def _names(session: Session, found: Mapping[str, Sequence[RowMapping]]) -> dict[tuple[str, uuid.UUID], Any]:
    """Return (table, id) -> words for every id that stands in the rows."""
    ids: dict[str, set[uuid.UUID]] = {}
    for rows in found.values():
        for row in rows:
            for column, (_key, table) in _NAMED.items():
                if row.get(column) is not None:
                    ids.setdefault(table, set()).add(row[column])
    names: dict[tuple[str, uuid.UUID], Any] = {}
    for table, wanted in ids.items():
        for row in session.execute(_words_of(table, wanted)).mappings():
            words = {name: _value(value) for name, value in row.items() if name != "id"}
            names[table, row["id"]] = next(iter(words.values())) if len(words) == 1 else words
    return names


def _words_of(table: str, wanted: set[uuid.UUID]) -> Any:  # noqa: ANN401 - selects of different shapes
    tables = Base.metadata.tables
    group, meeting, assignment = tables["supervision_group"], tables["meeting"], tables["assignment"]
    seat, agreement, campaign, run = (tables[n] for n in ("membership", "agreement", "campaign", "formation_run"))
    name = group.c.name.label("group")
    of_group = {
        "meeting": select(meeting.c.id, name, meeting.c.starts_at).where(meeting.c.group_id == group.c.id),
        "membership": select(seat.c.id, name).where(seat.c.group_id == group.c.id),
        "agreement": select(agreement.c.id, name, agreement.c.version).where(agreement.c.group_id == group.c.id),
        "supervision_group": select(group.c.id, group.c.name),
        "assignment": select(assignment.c.id, assignment.c.title),
        "organisation": select(tables["organisation"].c.id, tables["organisation"].c.name),
        "campaign": select(campaign.c.id, campaign.c.opens_at),
        "formation_run": select(run.c.id, run.c.asked_at),
    }
    return of_group[table].where(tables[table].c.id.in_(wanted))


def _plain(seal: TextSeal, part: Part, row: RowMapping, names: Mapping[tuple[str, uuid.UUID], Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for column in part.columns:
        value = row[column]
        if column in _NAMED:
            key, table = _NAMED[column]
            plain[key] = names.get((table, value)) if value is not None else None
        elif column in SEALED:
            name, key = SEALED[column]
            plain[key] = _opened(seal, value, part.table, name, row["id"]) or plain.get(key)
        elif (
            part.key == "mail" and column in {"subject", "text"} and row["kind"] in OPENING
        ):  # that it was sent is told
            plain[column] = None
        else:
            plain[column] = _value(value)
    return plain


def _opened(seal: TextSeal, sealed: bytes | None, table: str, name: str, row: uuid.UUID) -> Any:  # noqa: ANN401 - words or fields
    if sealed is None:
        return None
    try:
        text = seal.open(bytes(sealed), table, name, row)
    except CannotOpen:
        return None
    return json.loads(text) if table in IN_FIELDS else text


def _value(value: Any) -> Any:  # noqa: ANN401 - a column's value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value
