"""What is said of the places to look at again: as for cases, but a name in a note is somebody of the group."""

from flask_babel import lazy_gettext as _l

from supervision.cases import words as cases

FOUND = cases.FOUND
CHANGES = {**cases.CHANGES, "name": _l("Change to “someone”")}
REPLACEMENT = _l("someone")
