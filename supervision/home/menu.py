"""The menu: at most four entries on a phone, by role."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from supervision.kernel.actor import Actor


def menu(actor: Actor) -> list[dict[str, Any]]:
    """Return the menu's entries for an actor: href, label, icon, and whether it is the present page."""
    if not actor.is_signed_in or actor.needs_factor:
        return []
    entries = [("home.start", _("Start"), "home")]
    if actor.member_of:
        entries.append(("cases.my_cases", _("Cases"), "speech"))
    entries.append(("people.profile", _("Me"), "person"))
    return [
        {"href": url_for(endpoint), "label": label, "icon": icon, "current": request.endpoint == endpoint}
        for endpoint, label, icon in entries
    ]
