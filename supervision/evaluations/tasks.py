"""What happens to evaluations by itself: they are planned, open and close at their hours, and leave nothing behind."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from supervision.evaluations import mails, queries, services, wiping
from supervision.evaluations.sealing import KeyRing

Transaction = Callable[[], AbstractContextManager[Session]]


def plan_open_close(transaction: Transaction, keys: KeyRing, now: datetime) -> None:
    """Plan the coming evaluations, open and close those whose hour has come, and destroy what closing left.

    One campaign per transaction; a second run finds nothing to do, and one that was broken off is gone on with.
    """
    with transaction() as session:
        for assignment in queries.assignments_running(session):
            first_on = queries.earliest_first_on(session, assignment.id)
            if isinstance(first_on, date):
                services.plan_campaign(session, assignment, first_on, now)
    close_due(transaction, keys, now)
    open_due(transaction, keys, now)
    remind_due(transaction, now)
    destroy_remains(transaction, keys)


def open_due(transaction: Transaction, keys: KeyRing, now: datetime) -> int:
    """Open the planned campaigns whose hour has come and write to their rosters; return how many opened."""
    with transaction() as session:
        due = queries.due_campaigns(session, "planned", now)
    opened = 0
    for campaign_id in due:
        with transaction() as session:
            campaign = queries.lock_campaign(session, campaign_id)
            if campaign is None:
                continue
            if campaign.status == "planned" and campaign.closes_at <= now:
                session.delete(campaign)  # nobody was there to ask, and the time is over
                continue
            people = services.open_campaign(session, campaign, keys, now)
            mails.post_opened(session, people, campaign, campaign.assignment.organisation.zone, now)
            opened += bool(people)
    return opened


def remind_due(transaction: Transaction, now: datetime) -> int:
    """Write once to the whole rosters of the evaluations that close soon; return to how many rosters."""
    with transaction() as session:
        waiting = queries.unreminded_campaigns(session, now)
    reminded = 0
    for campaign_id in waiting:
        with transaction() as session:
            campaign = queries.lock_campaign(session, campaign_id)
            if campaign is None:
                continue
            people = services.remind(session, campaign, now)
            mails.post_reminder(session, people, campaign, campaign.assignment.organisation.zone, now)
            reminded += bool(people)
    return reminded


def close_due(transaction: Transaction, keys: KeyRing, now: datetime) -> int:
    """Close the open campaigns whose announced hour has come; return how many closed."""
    with transaction() as session:
        due = queries.due_campaigns(session, "open", now)
    closed = 0
    for campaign_id in due:
        with transaction() as session:
            campaign = queries.lock_campaign(session, campaign_id)
            if campaign is None:
                continue
            people = queries.people_of(session, campaign_id)
            ended = services.close_campaign(session, campaign, keys, now)
            if ended is None:
                continue
            if ended == "void":
                mails.post_void(session, people, now)
            keys.mark()
            closed += 1
    return closed


def destroy_remains(transaction: Transaction, keys: KeyRing) -> None:
    """Destroy the keys of closed campaigns, then wipe what the database's files still hold of deleted rows.

    The mark is taken away last, so that a crash or a busy database means one more try at the next sweep.
    """
    with transaction() as session:
        if any(queries.status_of(session, one) is None for one in keys.kept()):
            queries.settle_campaigns(session)  # one that is being opened at this moment has its key already
        ended = [one for one in keys.kept() if queries.status_of(session, one) not in {"planned", "open"}]
        engine = session.get_bind()
    for campaign_id in ended:
        keys.mark()
        keys.destroy(campaign_id)
    if not isinstance(engine, Engine):
        return
    if keys.is_marked and wiping.wipe(engine):
        keys.unmark()
    elif keys.kept():
        wiping.tidy(engine)
