import pytest

from supervision.cases.rules.text import CaseText, change, check, check_complete, let_stand, marked
from supervision.kernel.errors import RuleBroken

TEXT = CaseText(
    title="En kopp till",
    situation="Vid läggdags ber Gunnar mig stanna. Dottern på Storgatan 14 ringer sällan.",
    question="Hur säger jag nej till Gunnar?",
)


def test_marks_are_numbered_through_all_answers_and_the_same_words_share_a_number():
    answers, found = marked(TEXT)
    assert [(one.number, one.kind, one.text) for one in found] == [
        (1, "name", "Gunnar"),
        (2, "address", "Storgatan 14"),
    ]
    assert "".join(piece.text for piece in answers["situation"]) == TEXT.situation
    assert [piece.number for piece in answers["question"]] == [None, 1, None]


def test_words_that_may_stand_are_not_marked_again_and_unmarked_words_are_not_kept():
    kept = let_stand(TEXT, "Gunnar", "something else")
    assert kept.let_stand == ("Gunnar",)
    assert [one.text for one in marked(kept)[1]] == ["Storgatan 14"]
    assert CaseText.from_json(kept.as_json()) == kept


def test_a_change_reaches_every_answer_and_taking_out_leaves_single_blanks():
    changed = change(change(TEXT, "Gunnar", "brukaren"), "Storgatan 14", "")
    assert changed.situation == "Vid läggdags ber brukaren mig stanna. Dottern på ringer sällan."
    assert changed.question == "Hur säger jag nej till brukaren?"
    assert marked(changed)[1] == ()


def test_a_change_leaves_longer_words_alone():
    assert change(CaseText(title="Ann och Anna"), "Ann", "brukaren").title == "brukaren och Anna"


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        (CaseText(meaningful="hon, 811218-9876"), "looks_like_personal_number", "meaningful"),
        (CaseText(title="x" * 81), "text_too_long", "title"),
        (CaseText(situation="x" * 1501), "text_too_long", "situation"),
    ],
)
def test_what_may_never_be_saved(text, code, field):
    with pytest.raises(RuleBroken) as refused:
        check(text)
    assert (refused.value.code, refused.value.refusal.field) == (code, field)


def test_others_see_only_what_is_complete():
    check_complete(TEXT)
    with pytest.raises(RuleBroken, match="case_incomplete") as refused:
        check_complete(CaseText(title="x", situation="y", question=" "))
    assert refused.value.refusal.field == "question"
