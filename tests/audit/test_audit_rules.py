import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supervision.audit.rules import Head, Link, digest_names, examine, hash_link

BEGAN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ME, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def chain_of(count: int, start: Head | None = None) -> list[Link]:
    head, made = start or Head(), []
    for step in range(count):
        at, salt = BEGAN + timedelta(minutes=step), bytes([step]) * 16
        kind = ("group", "person")[step % 2]
        digest = digest_names(salt, ME, OTHER)
        number = head.number + 1
        head = Head(number, hash_link(head.chain_hash, number, at, "group.opened", kind, digest))
        made.append(Link(number, at, "group.opened", kind, ME, OTHER, salt, digest, head.chain_hash))
    return made


def found(links: list[Link], start: Head | None = None, *witnesses: Head) -> list[tuple[str, int]]:
    return [(one.code, one.number) for one in examine(start or Head(), links, witnesses)]


def test_a_whole_chain_has_no_fault_and_goes_on_from_an_anchor() -> None:
    links = chain_of(6)
    assert found(links) == []
    anchor = Head(3, links[2].chain_hash)
    assert found(links[3:], anchor) == []
    assert found(links[3:], Head(3, bytes(32))) == [("changed", 4)]


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"at": BEGAN + timedelta(days=1)}, "changed"),
        ({"at": BEGAN - timedelta(microseconds=1)}, "changed"),
        ({"action": "group.ended"}, "changed"),
        ({"object_kind": "meeting"}, "changed"),
        ({"actor_id": OTHER}, "names_changed"),
        ({"actor_id": None}, "names_changed"),
        ({"object_id": ME}, "names_changed"),
        ({"object_id": None}, "names_changed"),
        ({"salt": b"x" * 16}, "names_changed"),
        ({"salt": None}, "names_changed"),
        ({"chain_hash": b"x" * 32}, "changed"),
        ({"chain_hash": None}, "changed"),
        ({"names_digest": None}, "changed"),
        ({"names_digest": b"x" * 32}, "changed"),
    ],
)
def test_each_change_of_each_column_is_named_by_number(place: int, change: dict[str, object], code: str) -> None:
    links = chain_of(5)
    links[place] = replace(links[place], **change)
    assert (code, place + 1) in found(links)
    assert {number for _code, number in found(links)} <= {place + 1, place + 2}


def test_who_makes_the_hash_anew_breaks_the_next_event() -> None:
    links = chain_of(5)
    one = links[2]
    digest = digest_names(one.salt or b"", OTHER, OTHER)
    anew = hash_link(links[1].chain_hash or b"", 3, one.at, one.action, one.object_kind, digest)
    links[2] = replace(one, actor_id=OTHER, names_digest=digest, chain_hash=anew)
    assert found(links) == [("changed", 4)]


def test_removed_moved_and_inserted_events_are_found() -> None:
    links = chain_of(6)
    assert found([*links[:2], *links[3:]]) == [("missing", 3), ("changed", 4)]
    assert found(links[1:]) == [("missing", 1), ("changed", 2)]
    swapped = [*links]
    swapped[2], swapped[3] = replace(links[3], number=3), replace(links[2], number=4)
    assert {number for _code, number in found(swapped)} >= {3, 4}
    assert ("changed", 7) in found([*links, replace(links[0], number=7)])


def test_the_last_ones_are_missed_only_with_a_witness() -> None:
    links = chain_of(6)
    noted = Head(6, links[5].chain_hash or b"")
    assert found(links[:4]) == []
    assert found(links[:4], None, noted) == [("missing", 6)]
    assert found(links, None, noted) == []
    rewritten = chain_of(6, None)
    rewritten[5] = replace(rewritten[5], action="group.ended")
    anew = rewritten[5]
    rewritten[5] = replace(
        anew,
        chain_hash=hash_link(
            rewritten[4].chain_hash or b"", 6, anew.at, anew.action, anew.object_kind, anew.names_digest or b""
        ),
    )
    assert found(rewritten) == []
    assert found(rewritten, None, noted) == [("not_as_witnessed", 6)]


def test_a_forgotten_name_leaves_the_chain_whole_and_cannot_be_filled_in() -> None:
    links = chain_of(4)
    links[0] = replace(links[0], salt=None, actor_id=None)
    links[1] = replace(links[1], salt=None, object_id=None)
    assert found(links) == []
    links[0] = replace(links[0], actor_id=OTHER)
    links[1] = replace(links[1], object_id=OTHER)
    assert found(links) == [("names_changed", 1), ("names_changed", 2)]


def test_a_place_is_written_and_read() -> None:
    head = Head(12, b"\x01" * 32)
    assert Head.read(f" {head}\n") == head
    for wrong in ("", "12", "12:zz", "0:" + "00" * 32, "3:00"):
        with pytest.raises(ValueError, match=r".*"):
            Head.read(wrong)
