"""What stands in the readable file of one's own data: a title for each part and a word for each column."""

from flask_babel import lazy_gettext as _l

from supervision.privacy import words

PARTS = {
    "contact_of": _l("Groups that have chosen you as their contact person"),
    "assignment_led": _l("Assignments you supervise"),
    "organisation_opened": _l("Organisations you have added"),
    "formation_asked": _l("Proposals for groups you have asked for"),
    "audit_about": _l("What others have done with your account"),
}
"""Parts of the file whose table says something else to those it is about; the others take the table's words."""

LABELS = {
    "accepted_at": _l("Accepted"),
    "action": _l("What"),
    "agreement": _l("Agreement"),
    "answered_at": _l("Answered"),
    "asked_at": _l("Asked"),
    "assignment": _l("Assignment"),
    "at": _l("When"),
    "changed_at": _l("Last changed"),
    "country": _l("Country"),
    "created_at": _l("Made"),
    "data": _l("Content"),
    "device": _l("Device"),
    "email": _l("E-mail"),
    "ends_at": _l("Ends"),
    "ends_on": _l("Last day"),
    "evaluation": _l("Evaluation"),
    "experience": _l("Experience"),
    "expires_at": _l("Ends at"),
    "factor": _l("Second step"),
    "factor_at": _l("Second step shown"),
    "from_group": _l("Asked to move from"),
    "group": _l("Group"),
    "group_no": _l("Group in the proposal"),
    "help_kind": _l("What would help"),
    "help_place": _l("Place that would help"),
    "help_slot": _l("Time that would help"),
    "is_coming": _l("Coming"),
    "is_moved": _l("Moved"),
    "is_operator": _l("Operator"),
    "is_own_device": _l("Own device"),
    "is_seated": _l("Has the seat already"),
    "is_supervisor": _l("Supervisor"),
    "is_urgent": _l("Urgent"),
    "issuer": _l("Provider"),
    "joined_at": _l("Came"),
    "kind": _l("Kind"),
    "language": _l("Language"),
    "languages": _l("Languages"),
    "left_at": _l("Left"),
    "linked_at": _l("Connected"),
    "meeting": _l("Meeting"),
    "most_groups": _l("Most groups"),
    "name": _l("Name"),
    "needs": _l("Needs"),
    "no_reminders_at": _l("No reminders since"),
    "not_with": _l("Not in a group with"),
    "object_kind": _l("On what"),
    "offer_until_at": _l("Offer stands until"),
    "offered_at": _l("Offered"),
    "organisation": _l("Organisation"),
    "places": _l("Places"),
    "presented_at": _l("Presented"),
    "proposal": _l("Proposal"),
    "queued_at": _l("In line since"),
    "reason": _l("Reason"),
    "reminded_at": _l("Reminded"),
    "role": _l("Role"),
    "invited_as": _l("Invited as"),
    "said_at": _l("Said"),
    "seen_at": _l("Last used"),
    "sent_at": _l("Sent"),
    "slots": _l("Times"),
    "slot_wishes": _l("Wishes for times"),
    "ways_km": _l("Way in km"),
    "moved_why": _l("Why moved"),
    "started_at": _l("Began"),
    "starts_at": _l("Starts"),
    "starts_on": _l("First day"),
    "status": _l("Status"),
    "stepped_back_at": _l("Stepped back"),
    "subject": _l("Subject"),
    "tags": _l("Themes"),
    "text": _l("Text"),
    "title": _l("Title"),
    "told_at": _l("Told"),
    "tries": _l("Tries"),
    "unit": _l("Unit"),
    "used_at": _l("Used"),
    "wishes": _l("Wishes"),
    "withdrawn_at": _l("Withdrawn"),
}
"""Column -> its word."""


def title(key: str) -> str:
    """Return the title of a part."""
    return str(PARTS[key]) if key in PARTS else words.what(key)


def label(name: str) -> str:
    """Return the word of a column."""
    return str(LABELS[name])
