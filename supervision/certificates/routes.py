"""Pages of one's own certificates of hours."""

from flask import Blueprint, Response, request

from supervision.certificates import paper, policy, queries, rules
from supervision.certificates.rules import OwnGroup
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.people.policy import may_be_signed_in
from supervision.store.database import session
from supervision.web.dates import language
from supervision.web.edge import now
from supervision.web.guard import guard, guard_actor
from supervision.web.i18n import LANGUAGES
from supervision.web.page import page

bp = Blueprint("certificates", __name__)


@bp.route("/certificates")
@guard_actor(may_be_signed_in)
def own(actor: Actor) -> Response:
    """Show of which groups one can take out a certificate."""
    found = queries.own_groups(session(), actor)
    return page("certificates/own.html", groups=found, paper_languages=LANGUAGES)


@bp.route("/certificates/<uuid:group_id>.pdf")
@guard(queries.get_own_group, policy.may_take_certificate)
def take(actor: Actor, own: OwnGroup) -> Response:
    """Return one's own certificate of a group as a PDF; `paper=sv|da|en` chooses its language."""
    asked = request.args.get("paper", "")
    chosen = asked if asked in LANGUAGES else language()
    hours = rules.hours(queries.recorded_of(session(), actor.id, own.group_id), own.zone)
    content = paper.certificate(own, actor.name, hours, language=chosen, on=local_day(now(), own.zone))
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'attachment; filename="certificate.pdf"'
    return answer
