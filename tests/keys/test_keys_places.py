"""A sealed text opens in its own place only, in every sealed column; and every sealed column is known."""

import pytest
from sqlalchemy import LargeBinary, select, update

from supervision.store.adoption import check
from supervision.store.base import Base
from supervision.store.forgetting import seal_of
from supervision.store.places import places
from supervision.store.sealed import CannotOpen
from tests.keys.conftest import CANARIES, fill

PLACES = places(Base.metadata)
SEALED_OTHERWISE = {"ballot.sealed"}  # to the public key of its evaluation
OPEN_BYTES = {  # public halves, hashes and the like
    "audit_anchor.chain_hash",
    "audit_event.chain_hash",
    "audit_event.names_digest",
    "audit_event.salt",
    "campaign.public_key",
    "passkey.credential_id",
    "passkey.public_key",
    "passkey_challenge.challenge",
}


def test_every_column_of_bytes_is_sealed_here_or_named() -> None:
    bytes_columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    assert bytes_columns - {str(place) for place in PLACES} == SEALED_OTHERWISE | OPEN_BYTES
    assert len(PLACES) == len(CANARIES)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_two_rows_that_swap_their_texts_are_both_refused(session, keyring, place) -> None:
    for _ in range(2):
        fill(session)
    rows = session.execute(select(place.row, place.column)).tuples().all()
    assert len(rows) == 2
    (one, first), (other, second) = rows
    seal = seal_of(session)
    assert all(CANARIES[place.table.name] in seal.open(text, place.table.name, place.name, row) for row, text in rows)
    session.connection().execute(update(place.table).where(place.row == one).values({place.column.name: second}))
    session.connection().execute(update(place.table).where(place.row == other).values({place.column.name: first}))
    session.commit()
    for row, text in session.execute(select(place.row, place.column)).tuples():
        with pytest.raises(CannotOpen):
            seal.open(bytes(text), place.table.name, place.name, row)
    faulty = [one for one in check(session) if one is not None]
    assert {(one.place, one.row) for one in faulty} == {(place, one), (place, other)}
    assert {one.why for one in faulty} == {"it was changed or moved"}


def test_no_canary_stands_in_the_database(session, full) -> None:
    session.commit()
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            assert not [canary for canary in CANARIES.values() if canary in str(tuple(row))], table.name
