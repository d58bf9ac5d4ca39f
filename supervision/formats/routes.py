"""Pages of formats: read them all, make one's own."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from supervision.formats import forms, policy, queries, services, words
from supervision.formats.catalogue import formats
from supervision.formats.models import OwnFormat
from supervision.formats.rules import Format
from supervision.formats.words import in_language
from supervision.kernel.actor import Actor
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard, guard_actor
from supervision.web.page import attempt, page, see_other

bp = Blueprint("formats", __name__)
START = "classic_two"  # what a new format begins as when nothing else is chosen


@bp.route("/formats")
@guard_actor(policy.may_use_formats)
def show_formats(actor: Actor) -> Response:
    """Show every format with its phases, who speaks, the minutes and where it comes from."""
    return page(
        "formats/show_formats.html",
        own=[(one.id, one.format) for one in queries.own_formats(session(), actor)],
        formats=list(formats().values()),
        words=words,
    )


@bp.route("/formats/new", methods=["GET", "POST"])
@guard_actor(policy.may_use_formats)
def make(actor: Actor) -> Response:
    """Copy a format, change it, and keep it as one's own."""
    known = queries.formats_for(session(), actor)
    before = known.get(request.args.get("from", ""), known[START])
    data = forms.FormatForm.filled(before) | {"name": _("%(name)s (own)", name=in_language(before.name))}
    form = forms.FormatForm(data=data)
    return _edited(form, before, None, partial(services.make_format, session(), actor, now=now()))


@bp.route("/formats/<uuid:format_id>/edit", methods=["GET", "POST"])
@guard(queries.get_own_format, policy.may_change_format)
def change(actor: Actor, own: OwnFormat) -> Response:
    """Change or rename a format of one's own."""
    form = forms.FormatForm(data=forms.FormatForm.filled(own.format))
    return _edited(form, own.format, own, partial(services.change_format, session(), actor, own, now=now()))


@bp.route("/formats/<uuid:format_id>/delete", methods=["GET", "POST"])
@guard(queries.get_own_format, policy.may_change_format)
def delete(actor: Actor, own: OwnFormat) -> Response:
    """Ask once, then delete a format of one's own."""
    if request.method == "POST":
        services.delete_format(session(), actor, own, now=now())
        return see_other(".show_formats", said=_("The format is deleted."))
    return page("formats/delete.html", name=in_language(own.format.name))


def _edited(
    form: forms.FormatForm, before: Format, own: OwnFormat | None, save: Callable[[Format, int], OwnFormat]
) -> Response:
    what = request.form.get("do", "")
    if request.method == "POST" and what != "save":
        form = form.changed(what)
    elif form.validate_on_submit():
        length_s = 60 * (form.length_min.data or 0)
        if attempt(form, lambda: save(form.to_format(before), length_s)):
            return see_other(".show_formats", said=_("The format is saved. You find it when you prepare a meeting."))
    return page("formats/edit.html", form=form, before=before, own=own, words=words)
