"""Languages by name and by code, for each way in which models write them."""

import pytest
from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES
from transformers.models.mbart50.tokenization_mbart50 import FAIRSEQ_LANGUAGE_CODES as MBART50
from transformers.models.nllb.tokenization_nllb import FAIRSEQ_LANGUAGE_CODES as NLLB

from touchstone_jobs.inference.local.languages import find_code, find_language, language_name, two_letters

M2M100 = FAIRSEQ_LANGUAGE_CODES["m2m100"]


@pytest.mark.parametrize(
    ("written", "m2m100", "mbart", "nllb"),
    [
        ("German", "de", "de_DE", "deu_Latn"),
        ("de", "de", "de_DE", "deu_Latn"),
        ("deu", "de", "de_DE", "deu_Latn"),
        ("de-AT", "de", "de_DE", "deu_Latn"),
        ("deu_Latn", "de", "de_DE", "deu_Latn"),
        ("english", "en", "en_XX", "eng_Latn"),
        ("Chinese", "zh", "zh_CN", "zho_Hans"),
        ("zh-Hant", "zh", "zh_CN", "zho_Hant"),
        ("Arabic", "ar", "ar_AR", "arb_Arab"),
        ("Persian", "fa", "fa_IR", "pes_Arab"),
        ("pt-BR", "pt", "pt_XX", "por_Latn"),
    ],
)
def test_a_language_has_the_code_of_each_model(written: str, m2m100: str, mbart: str, nllb: str) -> None:
    assert [find_code(written, codes) for codes in (M2M100, MBART50, NLLB)] == [m2m100, mbart, nllb]


@pytest.mark.parametrize("codes", [M2M100, MBART50, NLLB])
def test_every_code_of_a_model_is_found_by_itself(codes: list[str]) -> None:
    assert [find_code(code, codes) for code in codes] == list(codes)


def test_every_language_of_m2m100_has_a_name() -> None:
    assert [code for code in M2M100 if find_language(code) is None] == []
    assert all(find_code(language_name(code), M2M100) == code for code in M2M100)


def test_what_a_model_does_not_know_is_told() -> None:
    with pytest.raises(LookupError, match=r'does not know the language "Klingon"; it knows af, am, .* …'):
        find_code("Klingon", M2M100)


def test_names_and_short_codes() -> None:
    assert [language_name("de"), language_name("tlh"), two_letters("German"), two_letters("deu_Latn")] == [
        "German",
        "tlh",
        "de",
        "de",
    ]
