"""What the audit log can say: a closed list of actions and of kinds of things, never content.

An action is "thing.what_happened". Each has its words in `audit.words`; `record` takes nothing else.
"""

from enum import StrEnum


class Action(StrEnum):
    """What was done. Answering an evaluation is not among them (PRIVACY: evaluations, flow 6)."""

    # Signing in and the account
    PERSON_SIGNED_IN = "person.signed_in"
    PERSON_INVITED = "person.invited"
    PERSON_CHOSE_PASSWORD = "person.chose_password"  # noqa: S105 - a code, no password
    PERSON_CHANGED_PASSWORD = "person.changed_password"  # noqa: S105 - a code, no password
    PERSON_FORGOT_PASSWORD = "person.forgot_password"  # noqa: S105 - a code, no password
    PERSON_CHANGED = "person.changed"
    PERSON_ERASED = "person.erased"
    PERSON_EXPORTED = "person.exported"
    SESSION_ENDED = "session.ended"
    SESSIONS_ENDED = "sessions.ended"
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    SECOND_STEPS_TAKEN = "second_steps.taken"
    RECOVERY_CODES_MADE = "recovery_codes.made"
    RECOVERY_CODE_USED = "recovery_code.used"
    PASSKEY_ADDED = "passkey.added"
    PASSKEY_REMOVED = "passkey.removed"
    PASSKEY_RENAMED = "passkey.renamed"
    PASSKEY_COUNT_FELL = "passkey.count_fell"
    IDENTITY_CONNECTED = "identity.connected"
    IDENTITY_REMOVED = "identity.removed"

    # Organisations and roles
    ORGANISATION_OPENED = "organisation.opened"
    ASSIGNMENT_ORDERED = "assignment.ordered"
    ASSIGNMENT_PROLONGED = "assignment.prolonged"
    ROLE_MANAGER_GIVEN = "role.manager_given"
    ROLE_COORDINATOR_GIVEN = "role.coordinator_given"
    ROLE_SUPERVISOR_GIVEN = "role.supervisor_given"
    ROLE_MANAGER_TAKEN = "role.manager_taken"
    ROLE_COORDINATOR_TAKEN = "role.coordinator_taken"

    # Groups and seats
    GROUP_OPENED = "group.opened"
    GROUP_STARTED = "group.started"
    GROUP_CLOSING = "group.closing"
    GROUP_RESUMED = "group.resumed"
    GROUP_ENDED = "group.ended"
    GROUP_MERGING = "group.merging"
    GROUP_EXTENDED = "group.extended"
    GROUP_REVIEWED = "group.reviewed"
    GROUP_REFILLED = "group.refilled"
    GROUP_SEATS_CHANGED = "group.seats_changed"
    GROUP_CONTACT_CHOSEN = "group.contact_chosen"
    GROUP_CONTACT_GONE = "group.contact_gone"
    AGREEMENT_CHANGED = "agreement.changed"
    AGREEMENT_ACCEPTED = "agreement.accepted"
    SEAT_QUEUED = "seat.queued"
    SEAT_OFFERED = "seat.offered"
    SEAT_TAKEN = "seat.taken"
    SEAT_DECLINED = "seat.declined"
    SEAT_WITHDRAWN = "seat.withdrawn"
    SEAT_LEFT = "seat.left"
    SEAT_REMOVED = "seat.removed"
    SIGN_UP_MADE = "sign_up.made"
    SIGN_UP_CHANGED = "sign_up.changed"
    SIGN_UP_WITHDRAWN = "sign_up.withdrawn"
    STAFF_LIST_INVITED = "staff_list.invited"
    TIMES_TOLD = "times.told"
    FORMATION_ASKED = "formation.asked"
    FORMATION_STOPPED = "formation.stopped"
    FORMATION_MOVED = "formation.moved"
    FORMATION_FRAME_CHANGED = "formation.frame_changed"
    FORMATION_PUBLISHED = "formation.published"

    # Meetings
    SERIES_MOVED = "series.moved"
    MEETING_ADDED = "meeting.added"
    MEETING_MOVED = "meeting.moved"
    MEETING_CANCELLED = "meeting.cancelled"
    MEETING_BEGUN = "meeting.begun"
    MEETING_HELD = "meeting.held"
    MEETING_RUNS_ANYWAY = "meeting.runs_anyway"
    ATTENDANCE_RECORDED = "attendance.recorded"
    COVER_ASKED = "cover.asked"
    COVER_WITHDRAWN = "cover.withdrawn"
    COVER_ANSWERED = "cover.answered"
    CALENDAR_MADE = "calendar.made"
    CALENDAR_ENDED = "calendar.ended"

    # Cases, notes and formats
    CASE_OFFERED = "case.offered"
    CASE_WITHDRAWN = "case.withdrawn"
    CASE_CHOSEN = "case.chosen"
    CASE_POSTPONED = "case.postponed"
    CASE_PRESENTED = "case.presented"
    FOLLOW_UP_NOTED = "follow_up.noted"
    FOLLOW_UP_DELETED = "follow_up.deleted"
    NOTE_WRITTEN = "note.written"
    NOTE_CHANGED = "note.changed"
    NOTE_DELETED = "note.deleted"
    FORMAT_MADE = "format.made"
    FORMAT_CHANGED = "format.changed"
    FORMAT_DELETED = "format.deleted"

    # Evaluations: never who answers
    EVALUATION_OPENED = "evaluation.opened"
    EVALUATION_EXTENDED = "evaluation.extended"
    QUESTIONNAIRE_CHANGED = "questionnaire.changed"
    STATEMENT_WRITTEN = "statement.written"
    REPORT_ANSWERED = "report.answered"

    # The installation
    DATABASE_RESTORED = "database.restored"


class ObjectKind(StrEnum):
    """What it was done to; its id stands beside it."""

    PERSON = "person"
    PASSKEY = "passkey"
    OUTER_IDENTITY = "outer_identity"
    ORGANISATION = "organisation"
    ASSIGNMENT = "assignment"
    GROUP = "group"
    MEETING = "meeting"
    CASE = "case"
    NOTE = "note"
    OWN_FORMAT = "own_format"
    CALENDAR_FEED = "calendar_feed"
    COVER_REQUEST = "cover_request"
    INSTALLATION = "installation"
