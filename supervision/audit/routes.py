"""Pages of the audit log: one's own, an organisation's for its coordinators, all of it for operators."""

from flask import Blueprint, Response, request

from supervision.audit import forms, policy, queries
from supervision.audit.models import Log
from supervision.audit.words import ACTIONS, KINDS, ROLES
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.store.database import session
from supervision.web.guard import guard
from supervision.web.page import page

bp = Blueprint("audit", __name__)


@bp.route("/me/events")
@guard(queries.get_own_log, policy.may_read_log)
def own(actor: Actor, log: Log) -> Response:
    """Show what someone has done, and what was done to their account."""
    return _show(actor, log)


@bp.route("/organisations/<uuid:organisation_id>/events")
@guard(queries.get_log_of_organisation, policy.may_read_log)
def of_organisation(actor: Actor, log: Log) -> Response:
    """Show what has been done in an organisation, without names and content."""
    return _show(actor, log)


@bp.route("/events")
@guard(queries.get_whole_log, policy.may_read_log)
def whole(actor: Actor, log: Log) -> Response:
    """Show what has been done in the installation, without names and content, and the newest place of the chain."""
    return _show(actor, log)


def _show(actor: Actor, log: Log) -> Response:
    form = forms.LogForm(request.args).offer_kinds()
    is_narrowed = any(request.args.get(name) for name in ("kind", "from_on", "to_on", "after"))
    found = None
    if form.validate():
        found = queries.events(session(), actor, log, form.wanted(log.zone, request.args.get("after")))
    return page(
        "audit/show.html",
        form=form,
        log=log,
        lines=found.lines if found else (),
        older=forms.write_place(found.next_after) if found and found.next_after else None,
        is_narrowed=is_narrowed,
        is_first=not request.args.get("after"),
        head=queries.head(session()) if log.is_whole else None,
        actions=ACTIONS,
        kinds=KINDS,
        roles=ROLES,
        local_day=local_day,
    )
