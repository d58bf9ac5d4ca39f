"""The certificate as a paper: whose it is, where, with whom, and how many hours. Nothing about cases."""

from datetime import date

from flask_babel import force_locale, format_decimal
from flask_babel import gettext as _

from supervision.certificates.rules import Hours, OwnGroup
from supervision.web.dates import long_date
from supervision.web.tagged import BOLD, TaggedPaper

COLUMNS = (0.0, 330.0, 460.0)  # points from the margin: the day; right edges of hours held and attended


def certificate(own: OwnGroup, name: str, hours: Hours, *, language: str, on: date) -> bytes:
    """Return the certificate of one person in one group as a tagged PDF in a language, dated `on`."""
    with force_locale(language):
        paper = TaggedPaper(_("Certificate of hours"), language)
        paper.text(_("Certificate of hours"), 24, tag="H1", font=BOLD, gap=14)
        paper.text(_("%(name)s has taken part in group supervision.", name=name), 14, gap=12)
        supervisor = f"{own.supervisor}, {own.supervisor_title}" if own.supervisor_title else own.supervisor
        paper.text(_("Client organisation: %(name)s", name=own.organisation))
        paper.text(_("Supervisor: %(name)s", name=supervisor))
        if hours.lines:
            paper.text(
                _(
                    "Period: %(first)s – %(last)s",
                    first=long_date(hours.lines[0].on),
                    last=long_date(hours.lines[-1].on),
                )
            )
        paper.text(
            _("Hours attended: %(attended)s of %(held)s", attended=_h(hours.attended_h), held=_h(hours.held_h)),
            13,
            font=BOLD,
            gap=14,
        )
        _table(paper, hours)
        paper.y -= 16
        paper.text(
            _(
                "The hours are those the supervisor has recorded. Rundan keeps them for 12 months, so earlier meetings "
                "are not in this certificate."
            ),
            9.5,
        )
        paper.text(_("Made on %(day)s.", day=long_date(on)), 9.5)
        return paper.save()


def _table(paper: TaggedPaper, hours: Hours) -> None:
    heads = (_("Date"), _("Hours held"), _("Hours attended"))
    paper.row(list(zip(heads, COLUMNS, strict=True)), is_head=True)
    for line in hours.lines:
        cells = (long_date(line.on), _h(line.held_h), _h(line.attended_h))
        paper.row(list(zip(cells, COLUMNS, strict=True)))
    cells = (_("Total"), _h(hours.held_h), _h(hours.attended_h))
    paper.row(list(zip(cells, COLUMNS, strict=True)), is_sum=True)


def _h(value: object) -> str:
    return str(format_decimal(value, "0.0#"))
