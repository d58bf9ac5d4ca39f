"""Whoever holds everything but the key, and knows who answered when, tries to tell whose ballot is whose.

The attacker holds, from before closing and from after it: the database's file and its write-ahead log, a backup, all
rows in their physical order (PostgreSQL: with the transaction and place of each, and of the parts kept aside), the
outbox, the log, and the hours at which each person was seen. They are even told which ballots belong to the evaluation.
They try every order they have of the ballots against every order they have of the people. Guessing at random hits one
of each evaluation's ballots on average, whatever their number: the hits of many evaluations are a Poisson sum.
"""
# ruff: noqa: S608 - the queries are made of our own words

import logging
import random
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from nacl.public import PrivateKey
from scipy.stats import poisson
from sqlalchemy import insert, select, text, update

from supervision.evaluations import services, wiping
from supervision.evaluations.models import Ballot, RegisterEntry
from supervision.evaluations.sealing import seal, unseal
from supervision.kernel.ids import new_token
from supervision.outbox.models import Mail
from supervision.people import services as people
from supervision.people.models import LoginSession
from tests import factories
from tests.attack import size
from tests.attack.conftest import CLOSES_AT, KEYS, Field, later
from tests.database_files import bytes_of

FALSE_ALARM = 1e-5  # how often a sound product would fail, over all orders tried
EVALUATIONS = size(12, 1_000)
GROUP = 6


@dataclass
class Loot:
    """What the attacker holds of one evaluation: orders of its ballots, orders of its people, and raw bytes."""

    ballots: dict[str, list[UUID]] = field(default_factory=dict)
    people: dict[str, list[UUID]] = field(default_factory=dict)
    raw: bytes = b""


def files(ground: Field) -> dict[str, bytes]:
    """The files of SQLite, and a backup made as an operator would."""
    path = Path(str(ground.session.get_bind().url.database))
    found = {one.name.removeprefix(path.name) or "main": bytes_of(one) for one in path.parent.glob(f"{path.name}*")}
    with sqlite3.connect(path) as source, sqlite3.connect(path.with_name("copy")) as copy:
        source.backup(copy)
    source.close()
    copy.close()
    found["backup"] = bytes_of(path.with_name("copy"))
    path.with_name("copy").unlink()
    return found


def loot_before(ground: Field) -> Loot:
    """Take everything while the evaluation is open."""
    session, loot = ground.session, Loot()
    on_postgres = session.get_bind().dialect.name == "postgresql"
    extra = "xmin::text::bigint, ctid," if on_postgres else ""
    place = 2 if on_postgres else 0
    ballots = session.execute(text(f"SELECT {extra} id, sealed FROM ballot")).all()
    register = session.execute(text(f"SELECT {extra} person_id FROM register_entry WHERE done")).all()
    sealed = {row[place]: bytes(row[place + 1]) for row in ballots}
    loot.ballots["as they lie"] = [row[place] for row in ballots]
    loot.ballots["by id"] = sorted(sealed, key=str)
    loot.ballots["by blob"] = sorted(sealed, key=sealed.__getitem__)
    loot.people["as they lie"] = [row[place] for row in register]
    if on_postgres:
        loot.ballots["by transaction"] = [row[2] for row in sorted(ballots, key=lambda row: row[0])]
        loot.people["by transaction"] = [row[2] for row in sorted(register, key=lambda row: row[0])]
        loot.ballots["by part kept aside"] = _by_chunk(session, sealed)
    done = {UUID(str(one)) for one in loot.people["as they lie"]}
    seen = session.execute(select(LoginSession.person_id).order_by(LoginSession.seen_at)).scalars()
    loot.people["by hour seen"] = [one for one in dict.fromkeys(seen) if one in done]
    by_email = {one.email: one.id for one in ground.members}
    mailed = [by_email[one] for one in session.scalars(select(Mail.to_email).order_by(Mail.created_at, Mail.id))]
    loot.people["by mail"] = [one for one in dict.fromkeys(mailed) if one in done]
    session.commit()
    if not on_postgres:
        for name, raw in files(ground).items():
            for end, find in (("first", bytes.find), ("last", bytes.rfind)):
                places = {one: find(raw, sealed[one][:40]) for one in sealed}
                if all(at >= 0 for at in places.values()):
                    loot.ballots[f"{end} in {name}"] = sorted(places, key=places.__getitem__)
            loot.raw += raw
    loot.ballots = {name: [UUID(str(one)) for one in order] for name, order in loot.ballots.items()}
    loot.people = {name: [UUID(str(one)) for one in order] for name, order in loot.people.items()}
    return loot


def _by_chunk(session: Any, sealed: dict[Any, bytes]) -> list[Any]:
    aside = session.scalar(text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'ballot'"))
    rows = session.execute(
        text(f"SELECT chunk_id, chunk_data FROM {aside} WHERE chunk_seq = 0 ORDER BY chunk_id")
    ).all()
    starts = {blob[:40]: one for one, blob in sealed.items()}
    found = [starts[bytes(row[1])[:40]] for row in rows if bytes(row[1])[:40] in starts]
    return found if len(found) == len(sealed) else list(sealed)


def vote(ground: Field, draw: random.Random, submit: Any) -> tuple[Any, dict[UUID, UUID]]:
    """Let most of a group answer in a random order; return the evaluation and the truth: person -> ballot."""
    session, campaign, truth = ground.session, ground.open(), {}
    for one in ground.members:
        session.add(Mail(**mail_to(one)))
    arriving = draw.sample(ground.members, draw.randint(3, GROUP))
    for number, person in enumerate(arriving):
        before = set(session.scalars(select(Ballot.id)))
        session.commit()
        answers = {key: draw.choice((None, 1, 2, 3, 4, 5)) for key in KEYS}
        submit(session, factories.actor_of(person), campaign, answers, later(number))
        session.commit()
        session.execute(update(LoginSession).where(LoginSession.person_id == person.id).values(seen_at=later(number)))
        session.commit()
        (truth[person.id],) = set(session.scalars(select(Ballot.id))) - before
    session.commit()
    return campaign, truth


def mail_to(person: Any) -> dict[str, Any]:
    words = {"kind": "evaluation", "subject": "s", "text": "t", "html": "h", "language": "sv"}
    return words | {
        "to_email": person.email,
        "message_id": f"<{new_token()}@rundan>",
        "created_at": later(0),
        "send_after_at": later(0),
    }


def hits(ground: Field, evaluations: int, submit: Any, seed: int) -> dict[tuple[str, str], int]:
    """How many ballots each pair of orders gives to the right person, over many evaluations."""
    draw, found = random.Random(seed), {}
    for one in ground.members:
        people.start_session(ground.session, one, is_own_device=True, now=later(-60))
    for _ in range(evaluations):
        _campaign, truth = vote(ground, draw, submit)
        loot = loot_before(ground)
        for of_ballots, ballots in loot.ballots.items():
            for of_people, persons in loot.people.items():
                right = sum(truth[p] == b for p, b in zip(persons, ballots, strict=True))
                pair = (of_ballots, of_people)
                found[pair] = found.get(pair, 0) + right
        ground.clear()
    return found


def suspicion(found: dict[tuple[str, str], int], evaluations: int) -> float:
    """The probability that chance alone gives the best of these orders as many hits, or more."""
    return min(1.0, len(found) * float(poisson.sf(max(found.values()) - 1, evaluations)))


def test_no_order_of_anything_links_a_ballot_to_a_person_better_than_chance(ground, say):
    ground.settle(GROUP)
    found = hits(ground, EVALUATIONS, services.submit, seed=1)
    best = max(found, key=found.__getitem__)
    p = suspicion(found, EVALUATIONS)
    system = ground.session.get_bind().dialect.name
    say(
        f"linkage, {system}: {EVALUATIONS} evaluations, {len(found)} pairs of orders, chance {EVALUATIONS} hits, "
        f"best {found[best]} ({best[0]} / {best[1]}), p = {p:.3g}"
    )
    assert p > FALSE_ALARM


def append(session, actor, campaign, answers, now):
    """A ballot box as it is often built: a tick, and the ballot in a row of its own, in the same transaction."""
    own = (RegisterEntry.campaign_id == campaign.id, RegisterEntry.person_id == actor.id)
    group_id = session.scalar(select(RegisterEntry.group_id).where(*own))
    session.execute(update(RegisterEntry).where(*own).values(done=True))
    append.number += 1
    row = {"campaign_id": campaign.id, "group_id": group_id, "id": UUID(int=append.number)}
    session.execute(insert(Ballot.__table__), row | {"sealed": seal(campaign.public_key, answers)})


append.number = 0


def test_a_linkable_ballot_box_is_caught(ground, say):
    """The control: without rewriting, the same attacker finds nearly everyone."""
    ground.settle(GROUP)
    evaluations = size(6, 100)
    found = hits(ground, evaluations, append, seed=2)
    say(f"linkage, control that appends: {evaluations} evaluations, chance {evaluations}, best {max(found.values())}")
    assert suspicion(found, evaluations) < FALSE_ALARM


def test_a_write_ahead_log_that_is_not_cut_is_caught(ground, monkeypatch, say):
    """The control of the log: left alone, it shows which ballot came when."""
    if ground.session.get_bind().dialect.name != "sqlite":
        pytest.skip("the write-ahead log of PostgreSQL is the operator's (docs: running Rundan)")
    monkeypatch.setattr(wiping, "cut_after", lambda _session: None)
    ground.settle(GROUP)
    evaluations = size(10, 100)
    found = hits(ground, evaluations, services.submit, seed=3)
    say(f"linkage, control with the log left alone: chance {evaluations}, best {max(found.values())}")
    assert suspicion(found, evaluations) < FALSE_ALARM


def test_nothing_held_before_or_after_closing_opens_a_ballot(ground, caplog):
    """No key lies in database, log or backup; after closing it lies nowhere, nor does a ballot."""
    caplog.set_level(logging.DEBUG)
    ground.settle(GROUP)
    campaign, _truth = vote(ground, random.Random(4), services.submit)
    secret = bytes(ground.keys.read(campaign.id))
    blobs = [bytes(one) for one in ground.session.scalars(select(Ballot.sealed))]
    assert len(set(map(len, blobs))) == 1
    public = campaign.public_key
    before = loot_before(ground)
    ground.close()
    on_sqlite = ground.session.get_bind().dialect.name == "sqlite"
    after = b"".join(files(ground).values()) if on_sqlite else _everything(ground)
    kept = b"".join(one.read_bytes() for one in ground.keys.folder.iterdir())
    for held in (before.raw, after, kept, caplog.text.encode()):
        assert secret not in held
        assert secret.hex().encode() not in held
    assert not [one for one in blobs if one[:24] in after or one[-24:] in after]
    assert all(unseal(PrivateKey.generate(), one) is None for one in blobs)
    assert seal(public, {}) != seal(public, {}), "a guess cannot be sealed and compared"


def _everything(ground: Field) -> bytes:
    """Every row of every table of PostgreSQL, and the files of the two tables, which are empty."""
    session = ground.session
    for table in wiping.TABLES:
        aside = "pg_total_relation_size(c.oid) - pg_indexes_size(c.oid) - coalesce(pg_indexes_size(c.reltoastrelid), 0)"
        assert session.scalar(text(f"SELECT {aside} FROM pg_class c WHERE relname = '{table}'")) == 0
    names = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    rows = [str(session.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names]
    return "".join(rows).encode()


def test_the_hour_of_closing_is_that_which_was_announced(ground):
    ground.settle(GROUP)
    vote(ground, random.Random(5), services.submit)
    ground.close(CLOSES_AT - later(1) + later(0))
    assert ground.releases() == []
