import pytest

from supervision.formation.rules import pool
from supervision.formation.rules.naming import pairs_apart, read_names

OLLE, EK, ALM, ASA, KARIN = "2", "3", "4", "5", "6"


@pytest.mark.parametrize(
    ("wish", "meant"),
    [
        ("Olle", {OLLE}),
        ("olle berg", {OLLE}),
        ("inte Olle Berg, tack", {OLLE}),
        ("Jag vill inte sitta med Olle B från Solgården.", {OLLE}),
        ("Berg, Olle", {OLLE}),
        ("jag tycker olle berg pratar mycket", {OLLE}),
        ("Olle Ek", set()),
        ("Anna", set()),
        ("Anna E", {EK}),
        ("Anna E.", {EK}),
        ("A. Ek", {EK}),
        ("Anna A och Olle", {ALM, OLLE}),
        ("anna.ek@example.se", {EK}),
        ("ANNA.EK@example.se / anna alm", {EK, ALM}),
        ("Asa Öhman", {ASA}),
        ("Öhman", {ASA}),
        ("Anna Karin Sjö", {KARIN}),
        ("anna-karin", {KARIN}),
        ("Stina", set()),
        ("min chef", set()),
        ("Collett", set()),
        ("A", set()),
        ("", set()),
    ],
)
def test_whom_a_wish_names(wish, meant) -> None:
    people = [
        pool.Waiting("1", "Stina Lund", not_with=wish),
        pool.Waiting(OLLE, "Olle Berg"),
        pool.Waiting(EK, "Anna Ek", email="anna.ek@example.se"),
        pool.Waiting(ALM, "Anna Alm"),
        pool.Waiting(ASA, "Åsa Öhman"),
        pool.Waiting(KARIN, "Anna-Karin Sjö"),
    ]
    assert pairs_apart(people) == frozenset(("1", other) for other in meant)


@pytest.mark.parametrize(
    ("wish", "read"),
    [
        ("Olle Berg", [("Olle Berg", "full")]),
        ("helst inte olle", [("olle", "single")]),
        ("inte Anna K. och inte Bo", [("Anna K", "full"), ("Bo", "single")]),
        ("a@b.se", [("a@b.se", "address")]),
        ("min chef", []),
        ("jag vill helst inte sitta med någon", []),
        ("den som alltid pratar så mycket om allt möjligt", []),
    ],
)
def test_what_is_read_is_told_from_the_text_alone(wish, read) -> None:
    assert [(one.text, one.kind) for one in read_names(wish)] == read
