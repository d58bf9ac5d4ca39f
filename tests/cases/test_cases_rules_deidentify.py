import time
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personnummer import personnummer
from stdnum import luhn
from stdnum.dk import cpr
from stdnum.se import personnummer as stdnum_se

from supervision.cases.rules.deidentify import check_text, marks, refused_numbers
from supervision.kernel.errors import RuleBroken

BIRTHS = st.dates(date(1901, 1, 1), date(2024, 12, 31))
GAPS = st.sampled_from(["", "-", " ", ".", " - ", "–", "/", "\u00a0", "\u200b", "\u2011", ", "])
AROUND = st.sampled_from(["", "hon ", "nr:", "(", "rum 2, ", "x"])


def swedish(born, serial, *, is_coordination=False):
    day = born.day + 60 * is_coordination
    body = f"{born:%y%m}{day:02d}{serial:03d}"
    return f"{born:%Y}"[:2], body + luhn.calc_check_digit(body)


@given(BIRTHS, st.integers(1, 999), st.booleans(), st.booleans(), GAPS, GAPS, AROUND)
def test_swedish_numbers_are_refused(born, serial, is_coordination, with_century, gap, inner, around):
    century, ten = swedish(born, serial, is_coordination=is_coordination)
    assert personnummer.valid(century + ten)
    assert is_coordination or stdnum_se.is_valid(century + ten)
    number = inner.join([(century if with_century else "") + ten[:2], ten[2:4], ten[4:6]]) + gap + ten[6:]
    text = f"{around}{number} kom hem."
    assert refused_numbers(text), text
    start = len(around)
    assert any(span.start <= start and span.end >= start + len(number) for span in refused_numbers(text))


@given(BIRTHS, st.integers(0, 9999), st.booleans(), GAPS, GAPS, AROUND)
def test_danish_numbers_are_refused_without_check_digit(born, serial, with_century, gap, inner, around):
    parts = [f"{born:%d}", f"{born:%m}", f"{born:%Y}" if with_century else f"{born:%y}"]
    number = inner.join(parts) + gap + f"{serial:04d}"
    ten = f"{born:%d%m%y}{serial:04d}"
    if cpr.is_valid(ten) or with_century:
        assert refused_numbers(f"{around}{number}!"), number


@pytest.mark.parametrize(
    "text",
    [
        "19850312-1231",
        "850312-1231",
        "850312 1231",
        "8503121231",
        "198503121231",
        "850312+1231",
        "85.03.12.1231",
        "1985-03-12-1231",
        "85 03 12 12 31",
        "8 5 0 3 1 2 1 2 3 1",
        "1.9.8.5.0.3.1.2.1.2.3.1",
        "８５０３１２-１２３１",
        "850372-1238",
        "120385-1234",
        "1203851234",
        "12.03.85-1234",
        "12 03 85 12 34",
        "8 5 0 3 1 2 1 2 3 1, 3",
        "290200-4321",
    ],
)
def test_hidden_in_many_ways(text):
    assert refused_numbers(f"Det gäller {text}.")


@pytest.mark.parametrize(
    "text",
    [
        "Vi ses 2026-11-24 kl 14.30 i rum 12.",
        "Mødet er den 12.03.2026 kl. 14.30.",
        "Den 12.03.26, 14:30.",
        "12.03.2026 14.30",
        *(f"2026-11-{day} – 2026-12-01" for day in range(10, 31)),
        *(f"2026-11-{day}–2027-02-01" for day in range(10, 31)),
        "Ring 070-123 45 67.",
        "Ring +45 12 25 56 78.",
        "Ring 08-123 456 78 eller 031-12 34 56.",
        "Organisationsnummer 556036-0793.",
        "850312-1232",
        "851312-1231",
        "320185-1234",
        "123 45 Malmö, 2026 till 2027",
        "Priset är 1 250 000 kr, 40 procent av 3 125 000.",
        "",
    ],
)
def test_other_numbers_pass(text):
    assert refused_numbers(text) == ()


def test_spans_lie_where_the_numbers_stand():
    text = "Först 850312-1231, sedan 120385-1234."
    assert [text[span.start : span.end] for span in refused_numbers(text)] == ["850312-1231", "120385-1234"]
    assert [span.kind for span in refused_numbers(text)] == ["se", "dk"]


def test_check_text_names_the_field():
    check_text(title="Nej vid dörren", situation=None)
    with pytest.raises(RuleBroken) as refused:
        check_text(title="Nej vid dörren", situation="Hon, 850312-1231, ville inte.")
    assert (refused.value.code, refused.value.refusal.field) == ("looks_like_personal_number", "situation")


def found(text):
    return [(mark.kind, mark.text) for mark in marks(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("När jag kom hem till Gunnar på Storgatan 14 var det mörkt.", ["name Gunnar", "address Storgatan 14"]),
        ("Jag jobbar på Storgatan 12 i Norrhamn.", ["address Storgatan 12", "name Norrhamn"]),
        ("Hon bor på Storgatan 12 b numera.", ["address Storgatan 12 b"]),
        ("Hun bor på Vestergade 3, 2. th i byen.", ["address Vestergade 3, 2. th"]),
        ("Vi gick till Norra Vägen 3 B igår.", ["address Norra Vägen 3 B"]),
        ("Jeg talte med Mette Holm om det.", ["name Mette Holm"]),
        ("Gunnar sa nej. Då frågade jag Gunnar igen.", ["name Gunnar", "name Gunnar"]),
        ("Det var Gunnars soffa. Gunnars syster kom.", ["name Gunnars", "name Gunnars"]),
        ("Ring 070-123 45 67 eller 08-123 456 78.", ["phone 070-123 45 67", "phone 08-123 456 78"]),
        ("Tlf. 20 30 40 50, +46 70 123 45 67.", ["phone 20 30 40 50", "phone +46 70 123 45 67"]),
        ("Skriv till anna.b@example.se om det.", ["email anna.b@example.se"]),
        ("Han bor i 211 22 Malmö nu.", ["address 211 22 Malmö"]),
        ("Hon bor i 8000 Aarhus C nu.", ["address 8000 Aarhus C"]),
    ],
)
def test_marks(text, expected):
    assert found(text) == [tuple(entry.split(" ", 1)) for entry in expected]


@pytest.mark.parametrize(
    "text",
    [
        "En brukare tackar nej till dusch för tredje veckan. När jag väntar ut henne kan det gå.",
        "På Måndag läser vi LSS och SoL. Har I talt med De ældre?",
        "Hon sa: ”Jag vill inte.” Sedan gick hon.",
        "Vi sågs 2026-11-24, 20261124 och 24 11 2026 klockan 14.30.",
        "– Nej, sa hon.\nDet var allt.",
        "Vi betalade 250 000 kr på väg 14.",
    ],
)
def test_nothing_to_mark(text):
    assert found(text) == []


@given(st.text(max_size=200))
def test_any_text_can_be_read(text):
    refused_numbers(text)
    seen = marks(text)
    for mark in seen:
        assert text[mark.start : mark.end] == mark.text
    assert all(a.end <= b.start for a, b in pairwise(seen))


@pytest.mark.parametrize("text", ["1", "a", "a.", "Aa ", "1 ", "ab@", "07 ", "Storgatan "])
def test_a_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    start = time.process_time()
    marks(text * (20_000 // len(text)))
    assert time.process_time() - start < 1
