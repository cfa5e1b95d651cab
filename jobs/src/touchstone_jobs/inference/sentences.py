"""Splitting a text into sentences without a model: good enough for extractive baselines, and the same everywhere."""

import re

# Words before a full stop that does not end a sentence, in lower case without their last stop.
_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof rev hon st sr jr gen col maj capt lt sgt gov sen rep pres vs etc e.g i.e cf al approx dept est fig
    figs inc ltd co corp no nos vol p pp ed eds jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat
    sun u.s u.k u.n a.m p.m ph.d z.b d.h bzw usw ca bspw hr fr nr mme mlle
    """.split()  # noqa: SIM905
)
_CLOSING = "\"'”’»)\\]"
# A mark that may end a sentence, then white space and something that can start one; or a full-width mark.
_END = re.compile(
    rf"(?:[.!?…]+[{_CLOSING}]*(?=\s+[^\s\d_a-zà-öø-ÿ,;:)\]])|[.!?…]+[{_CLOSING}]*(?=\s+[\d])|[。！？]+[」』”]*)"
)
_LAST_WORD = re.compile(r"(\S+)$")


def split_sentences(text: str) -> list[str]:
    """Sentences in order, stripped, none empty. A line break ends one, unless the next line goes on in lower case
    (wrapped text).
    """
    sentences: list[str] = []
    for line in _lines(text):
        start = 0
        for match in _END.finditer(line):
            if not _is_abbreviation(line[start : match.start()], match[0]):
                sentences.append(line[start : match.end()].strip())
                start = match.end()
        sentences.append(line[start:].strip())
    return [sentence for sentence in sentences if sentence]


def _lines(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        stripped = line.strip()
        goes_on = bool(lines) and lines[-1][-1:] not in '.!?…。！？:"”' and stripped[:1].islower()
        if goes_on and lines[-1]:
            lines[-1] += " " + stripped
        else:
            lines.append(stripped)
    return lines


def _is_abbreviation(before: str, mark: str) -> bool:
    """Whether `mark` belongs to the word before it: an abbreviation, or an initial as in "J. Smith"."""
    if mark != ".":
        return False
    word = _LAST_WORD.search(before)
    if word is None:
        return False
    bare = word[1].strip("\"'“‘(«[")
    return bare.lower() in _ABBREVIATIONS or (len(bare) == 1 and bare.isupper() and bare != "I")
