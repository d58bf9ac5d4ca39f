from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.rules.text import after_button, let_stand, marked
from supervision.kernel.errors import RuleBroken
from supervision.notes import rules
from supervision.notes.rules import NoteText, check_kept, check_note, excerpt, gone_at
from supervision.privacy.rules import RETENTION

INSTANTS = st.builds(datetime.combine, st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.times(), st.just(UTC))
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Nd")), max_size=600)


def code_of(text: str) -> str:
    with pytest.raises(RuleBroken) as broken:
        check_note(NoteText(text=text))
    assert broken.value.refusal.field == "text"
    return broken.value.refusal.code


@given(TEXTS)
def test_what_is_sealed_is_what_was_written(text):
    note = let_stand(NoteText(text=text))
    assert NoteText.from_json(note.as_json()) == note
    assert note.text == text


@given(TEXTS)
def test_only_nothing_is_refused_of_texts_without_digits(text):
    if text.strip():
        check_note(NoteText(text=text))
    else:
        assert code_of(text) == "note_empty"


@pytest.mark.parametrize("number", ["811228-9874", "19811228 9874", "010190-1234"])
def test_a_personal_number_is_refused(number):
    assert code_of(f"Vi talade om {number} i dag.") == "looks_like_personal_number"


def test_the_length_has_an_end():
    check_note(NoteText(text="a" * rules.TEXT_MOST))
    assert code_of("a" * (rules.TEXT_MOST + 1)) == "text_too_long"


def test_a_name_is_marked_and_may_stand_or_be_changed():
    note = NoteText(text="I dag var det Anna som bar gruppen. Anna såg trött ut.")
    assert [one.text for one in marked(note)[1]] == ["Anna"]
    assert marked(after_button(note, {"let_stand": "Anna"}, "någon"))[1] == ()
    changed = after_button(note, {"change": "name:Anna"}, "någon")
    assert changed.text == "I dag var det någon som bar gruppen. någon såg trött ut."
    assert after_button(note, {"do": "save"}, "någon") == note


@given(TEXTS)
def test_an_excerpt_is_the_beginning_and_short(text):
    short = excerpt(text)
    assert len(short) <= rules.EXCERPT_MOST
    assert text.startswith((short.removesuffix("…"), short))
    assert (short == text) == (len(text) <= rules.EXCERPT_MOST)


def test_an_excerpt_is_cut_between_words_also_of_one_endless_word():
    assert excerpt("ord " * 100).endswith("ord…")
    assert len(excerpt("å" * 1000)) == rules.EXCERPT_MOST


@given(INSTANTS, INSTANTS)
def test_new_notes_are_taken_exactly_until_the_old_ones_go(ended_at, now):
    until = gone_at(ended_at)
    assert until - ended_at == RETENTION["private_note"].lifetime == timedelta(days=rules.KEEP_DAYS)
    if now < until:
        check_kept(ended_at, now)
    else:
        with pytest.raises(RuleBroken, match="note_too_late"):
            check_kept(ended_at, now)


def test_while_the_group_goes_on_there_is_no_end():
    assert gone_at(None) is None
    check_kept(None, datetime(2090, 1, 1, tzinfo=UTC))
