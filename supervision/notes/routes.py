"""Pages of private notes: of all groups, of one group, and to write, read, change and delete one."""

import uuid
from functools import partial

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from supervision.cases.rules import text as texts
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.notes import forms, policy, queries, services, words
from supervision.notes.models import Note
from supervision.notes.rules import NoteText, excerpt, gone_at
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard, guard_actor
from supervision.web.page import attempt, page, see_other
from supervision.web.texts import text_seal
from supervision.web.typed import gives_back

bp = Blueprint("notes", __name__)
LAST_PAGE = 10_000  # our choice: no further back than this, so that no number is too large for a database


@bp.route("/notes")
@guard_actor(policy.may_have_notes)
def own(actor: Actor) -> Response:
    """Show the groups about which the reader has notes, or can write some."""
    return page("notes/own.html", groups=queries.own_groups(session(), actor))


@bp.route("/groups/<uuid:group_id>/notes")
@guard(queries.get_group, policy.may_list_notes)
def of_group(actor: Actor, group: Group) -> Response:
    """Show the reader's own notes about a group, newest first."""
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    rows, has_older = queries.notes_of_group(session(), actor, group.id, number)
    return page(
        "notes/of_group.html",
        group=group,
        notes=services.open_all(text_seal(), rows),
        excerpt=excerpt,
        number=number,
        has_older=has_older,
        may_write=policy.may_write_note(actor, group),
        gone_at=gone_at(group.ended_at),
    )


@bp.route("/groups/<uuid:group_id>/notes/new", methods=["GET", "POST"])
@guard(queries.get_group, policy.may_write_note)
@gives_back(forms.NoteForm)
def write(actor: Actor, group: Group) -> Response:
    """Write a note about a group; `?meeting=` says about which meeting."""
    asked = request.args.get("meeting", type=uuid.UUID)
    form = forms.NoteForm(meeting_id=str(asked) if asked else "")
    form.offer(queries.meetings_to_choose(session(), actor, group, now(), asked), group.zone)
    text = _typed(form, NoteText())
    if form.validate_on_submit():
        write_it = partial(services.write_note, session(), text_seal(), actor, group, text=text, now=now())
        note = attempt(form, write_it, meeting_id=form.about())
        if note is not None:
            return _after_saving(note, text)
    return _note_page(form, group, text, None)


@bp.route("/notes/<uuid:note_id>")
@guard(queries.get_note, policy.is_author)
def show(_actor: Actor, note: Note) -> Response:
    """Show a note to its author."""
    text = services.open_text(text_seal(), note).text
    return page("notes/show.html", note=note, text=text, gone_at=gone_at(note.group.ended_at))


@bp.route("/notes/<uuid:note_id>/edit", methods=["GET", "POST"])
@guard(queries.get_note, policy.is_author)
@gives_back(forms.NoteForm)
def edit(actor: Actor, note: Note) -> Response:
    """Change a note."""
    saved = services.open_text(text_seal(to_change=True), note)
    form = forms.NoteForm(text=saved.text, meeting_id=str(note.meeting_id or ""))
    form.offer(queries.meetings_to_choose(session(), actor, note.group, now(), note.meeting_id), note.group.zone)
    text = _typed(form, saved)
    if form.validate_on_submit():
        change_it = partial(services.change_note, session(), text_seal(), actor, note, text=text, now=now())
        if attempt(form, change_it, meeting_id=form.about()):
            return _after_saving(note, text)
    return _note_page(form, note.group, text, note)


@bp.route("/notes/<uuid:note_id>/delete", methods=["GET", "POST"])
@guard(queries.get_note, policy.is_author)
def delete(actor: Actor, note: Note) -> Response:
    """Ask whether a note is to be deleted, then delete it."""
    if request.method == "GET":
        text = services.open_text(text_seal(), note).text
        return page("notes/delete.html", note=note, text=excerpt(text))
    group_id = note.group_id
    services.delete_note(session(), actor, note, now=now())
    if queries.get_group(session(), actor, group_id) is None:  # handed over, and this was the last note about it
        return see_other(".own", said=_("The note is deleted."))
    return see_other(".of_group", group_id=group_id, said=_("The note is deleted."))


def _typed(form: forms.NoteForm, saved: NoteText) -> NoteText:
    """Return the text as typed, after what a button of the list of marks asks for."""
    return texts.after_button(form.words(saved.let_stand), request.form, str(words.REPLACEMENT))


def _after_saving(note: Note, text: NoteText) -> Response:
    if texts.marked(text)[1]:
        return see_other(".edit", note_id=note.id, said=_("It is saved. Only you see it."))
    return see_other(".of_group", group_id=note.group_id, said=_("It is saved. Only you see it."))


def _note_page(form: forms.NoteForm, group: Group, text: NoteText, note: Note | None) -> Response:
    pieces, found = texts.marked(text)
    return page(
        "notes/edit.html",
        form=form,
        group=group,
        note=note,
        pieces=pieces["text"],
        found=found,
        words=words,
    )
