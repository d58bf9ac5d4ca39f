"""The words for what a case is, wishes, is about, and where it stands."""

from typing import Any

from flask_babel import lazy_gettext as _l

KINDS = {"case": _l("A case"), "dilemma": _l("A dilemma")}
KIND_LINES = {
    "case": _l("Something that has happened or goes on"),
    "dilemma": _l("I have to choose, and both ways cost something"),
}
WISHES = {"listen": _l("Listen"), "ask": _l("Ask"), "reflect": _l("Reflect"), "advise": _l("Advice")}
WISH_LINES = {
    "listen": _l("I want to tell it to the end"),
    "ask": _l("Questions that lead on"),
    "reflect": _l("Hear how others think"),
    "advise": _l("Suggestions of what I can do"),
}
TAGS = {
    "relation": _l("the relation"),
    "patience": _l("patience"),
    "hard_to_help": _l("hard to help"),
    "relatives": _l("relatives"),
    "medication": _l("medication"),
    "closeness_and_limits": _l("closeness and limits"),
    "someones_home": _l("in someone's home"),
    "team": _l("the team"),
    "loneliness": _l("loneliness"),
    "new_person": _l("a new person"),
    "other": _l("something else"),
}
STATES = {
    "draft": _l("draft"),
    "offered": _l("shown"),
    "chosen": _l("chosen"),
    "presented": _l("told"),
    "purged": _l("deleted"),
    "withdrawn": _l("taken back"),
}
FOUND = {
    "name": _l("“%(words)s” looks like a name."),
    "address": _l("“%(words)s” looks like an address."),
    "phone": _l("“%(words)s” looks like a phone number."),
    "email": _l("“%(words)s” looks like an e-mail address."),
}
CHANGES = {
    "name": _l("Change to “the user”"),
    "address": _l("Take out the address"),
    "phone": _l("Take out the number"),
    "email": _l("Take out the address"),
}
QUESTIONS = {
    "comprehensible": _l("What can be understood here?"),
    "manageable": _l("What can be managed?"),
    "meaningful": _l("What is meaningful?"),
}
YOU_ARE_NEXT = {
    "urgent": _l("You are next because your case is urgent."),
    "promised": _l("You are next because you were next last time too, and the turn did not reach you."),
    "balance": _l("You are next because you have listened most compared with how often you have told."),
    "waited_longest": _l("You are next because you have waited longest since your last turn."),
    "draw": _l("You are next by a draw among those who have waited equally long."),
    "only_one": _l("You are next because you are the only one so far who can take a turn."),
}
SOMEONE_IS_NEXT = {
    "urgent": _l("%(name)s is next, with a case that is urgent."),
    "promised": _l("%(name)s is next, as last time the turn did not reach that far."),
    "balance": _l("%(name)s is next, by having listened most compared with how often one has told."),
    "waited_longest": _l("%(name)s is next, having waited longest since the last turn."),
    "draw": _l("%(name)s is next, by a draw among those who have waited equally long."),
    "only_one": _l("%(name)s is next, as the only one so far who can take a turn."),
}
REPLACEMENT = _l("the user")


def turn_sentence(turn: dict[str, Any] | None) -> str | None:
    """Return in one sentence who is next and why, for the reader of `queries.whose_turn`; None when nobody is told."""
    if turn is None or turn["reason"] is None:
        return None
    if turn["is_mine"]:
        return str(YOU_ARE_NEXT[turn["reason"]])
    return str(SOMEONE_IS_NEXT[turn["reason"]]) % {"name": turn["name"]}
