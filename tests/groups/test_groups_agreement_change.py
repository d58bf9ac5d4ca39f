from hypothesis import given
from hypothesis import strategies as st

from supervision.groups.agreement_change import aligned, changes, words
from supervision.groups.agreement_text import SWEDISH

word = st.sampled_from(["vi", "ses", "varje", "tisdag", "onsdag", "i", "rummet", "tystnad", "gäller.", "Ramar"])
paragraph = st.builds(
    lambda head, body: f"{head}\n{body}" if head else body,
    st.sampled_from(["", "Ramar", "Frånvaro", "Tystnadsplikt"]),
    st.lists(word, min_size=1, max_size=8).map(" ".join),
)
texts = st.lists(paragraph, max_size=6).map("\n\n".join)


@given(texts, texts)
def test_every_word_of_both_versions_is_told_once_and_in_order(old, new) -> None:
    pairs = list(aligned(old, new))
    assert "\n\n".join(before for before, _after in pairs if before) == old
    assert "\n\n".join(after for _before, after in pairs if after) == new
    for before, after in pairs:
        pieces = words(before, after)
        assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
        assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after


@given(texts, texts)
def test_only_what_differs_is_shown(old, new) -> None:
    assert (changes(old, new) == ()) == (old == new)
    assert all(any(piece.kind != "same" for piece in found.pieces) for found in changes(old, new))


def test_one_changed_word_shows_as_one_changed_word() -> None:
    found = changes(SWEDISH, SWEDISH.replace("varannan vecka", "var tredje vecka"))
    assert len(found) == 1
    told = [(piece.kind, piece.text) for piece in found[0].pieces if piece.kind != "same"]
    assert told == [("removed", "varannan"), ("added", "var tredje")]


def test_a_new_paragraph_is_added_whole_and_the_others_are_left_alone() -> None:
    found = changes(SWEDISH, SWEDISH + "\n\nKaffe\nVi turas om att koka.")
    assert [[(piece.kind, piece.text) for piece in one.pieces] for one in found] == [
        [("added", "Kaffe\nVi turas om att koka.")]
    ]
