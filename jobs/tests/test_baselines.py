import numpy as np
import pytest

from touchstone_jobs.inference.baselines import copy, lead, most_central
from touchstone_jobs.inference.lexrank import centrality, lexrank, similarities
from touchstone_jobs.inference.sentences import split_sentences

SENTENCES = {
    "plain": ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
    "abbreviations": (
        "Dr. Lee met Mr. J. Smith, e.g. on Jan. 3 in the U.S. embassy. It rained.",
        ["Dr. Lee met Mr. J. Smith, e.g. on Jan. 3 in the U.S. embassy.", "It rained."],
    ),
    "I is no initial": ("So am I. You too.", ["So am I.", "You too."]),
    "decimals, versions and addresses": (
        "It costs 3.50 at a.example.com. Version 2.0 is out.",
        ["It costs 3.50 at a.example.com.", "Version 2.0 is out."],
    ),
    "quotes close a sentence": ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
    "an ellipsis in mid sentence": ("Well... maybe not. Yes.", ["Well... maybe not.", "Yes."]),
    "a dialogue": (
        "#Person1#: Hi. How are you?\n#Person2#: Fine",
        ["#Person1#: Hi.", "How are you?", "#Person2#: Fine"],
    ),
    "lines without marks": ("Title\n\nFirst point\nSecond point", ["Title", "First point", "Second point"]),
    "wrapped text": ("The long sentence\ngoes on here.\nNext.", ["The long sentence goes on here.", "Next."]),
    "marks of other scripts": ("会议改了。我通知大家！好吗？", ["会议改了。", "我通知大家！", "好吗？"]),
    "blank": ("  \n\t\n", []),
    "empty": ("", []),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_split_sentences(name: str) -> None:
    text, sentences = SENTENCES[name]
    assert split_sentences(text) == sentences


def test_nothing_but_white_space_is_lost() -> None:
    text = 'A. "B?" C!\nd e\nf. (G.) 3.5 H. J. K.'
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_lead_3() -> None:
    assert lead("One. Two. Three. Four.") == "One.\nTwo.\nThree."
    assert lead("Only one") == "Only one"
    assert lead("") == ""


def test_copy() -> None:
    assert copy(" a\n b ") == " a\n b "


TEXT = [
    "My aunt prefers tea.",
    "Storm: harbour shut, no ferry.",
    "Storm from the west.",
    "Old harbour walls.",
    "The ferry carries cars.",
    "Bicycles cost less during winter.",
]


def test_lexrank_takes_the_sentence_that_the_others_share_words_with() -> None:
    scores = centrality(similarities(TEXT))
    assert scores.argmax() == 1
    assert 1 in lexrank(TEXT, 3)
    assert most_central(" ".join(TEXT)).split("\n") == [TEXT[i] for i in lexrank(TEXT, 3)]


def test_lexrank_of_few_sentences_is_all_of_them() -> None:
    assert lexrank(TEXT[:3], 3) == [0, 1, 2]
    assert lexrank([], 3) == []


def test_lexrank_of_equals_takes_the_first() -> None:
    assert lexrank(["same words here"] * 6, 3) == [0, 1, 2]
    assert lexrank(["...", "!!!", "???", "---"], 3) == [0, 1, 2]


def test_similarity_is_the_papers_idf_modified_cosine() -> None:
    """Equation 1 of Erkan & Radev (2004), written out for one pair."""
    sentences = ["a a b", "a c", "b c d"]
    idf = {"a": np.log(3 / 2), "b": np.log(3 / 2), "c": np.log(3 / 2), "d": np.log(3)}
    above = 2 * 1 * idf["a"] ** 2
    x = np.sqrt((2 * idf["a"]) ** 2 + idf["b"] ** 2)
    y = np.sqrt(idf["a"] ** 2 + idf["c"] ** 2)
    assert similarities(sentences)[0, 1] == pytest.approx(above / (x * y))


def test_centrality_is_the_stationary_distribution() -> None:
    """Against the eigenvector of the walk's matrix."""
    similarity = similarities(TEXT)
    scores = centrality(similarity)
    links = (similarity > 0.1).astype(float)
    walk = 0.15 / len(TEXT) + 0.85 * links / links.sum(axis=1, keepdims=True)
    values, vectors = np.linalg.eig(walk.T)
    first = np.real(vectors[:, np.argmax(np.real(values))])
    assert scores == pytest.approx(first / first.sum(), abs=1e-6)
    assert scores.sum() == pytest.approx(1)
