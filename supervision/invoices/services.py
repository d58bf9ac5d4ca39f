"""The invoice basis of an assignment's month."""

from datetime import date, datetime, time

from sqlalchemy.orm import Session

from supervision.invoices import queries, rules
from supervision.kernel.walltime import to_instant
from supervision.orgs.models import Assignment


def basis_of(session: Session, assignment: Assignment, month: date, now: datetime) -> rules.Basis:
    """Return the basis of a month, which begins and ends at the organisation's midnight."""
    zone = assignment.organisation.zone
    from_at = to_instant(month, time(0), zone)
    until_at = to_instant(rules.month_after(month), time(0), zone)
    dates = queries.dates_between(session, assignment.id, from_at, until_at)
    return rules.basis(dates, rules.Terms(assignment.price, assignment.unit_min), now)
