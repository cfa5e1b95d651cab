"""Languages as people write them (`German`, `de`, `deu`, `de-AT`), and as a translation model writes them. Pure.

Names and codes are those of ISO 639. The languages of M2M100 are here; any other is found by its code as the model
has it.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

# English name; two letters; three letters, of which the first is preferred where a model tells several apart.
_TABLE = """
Afrikaans af afr; Albanian sq als sqi; Amharic am amh; Arabic ar arb ara; Armenian hy hye; Asturian ast ast;
Azerbaijani az azj aze; Bashkir ba bak; Belarusian be bel; Bengali bn ben; Bosnian bs bos; Breton br bre;
Bulgarian bg bul; Burmese my mya; Catalan ca cat; Cebuano ceb ceb; Chinese zh zho cmn; Croatian hr hrv; Czech cs ces;
Danish da dan; Dutch nl nld; English en eng; Estonian et est; Finnish fi fin; French fr fra; Frisian fy fry;
Fulah ff fuv ful; Galician gl glg; Ganda lg lug; Georgian ka kat; German de deu; Greek el ell; Gujarati gu guj;
Haitian ht hat; Hausa ha hau; Hebrew he heb iw; Hindi hi hin; Hungarian hu hun; Icelandic is isl; Igbo ig ibo;
Iloko ilo ilo; Indonesian id ind; Irish ga gle; Italian it ita; Japanese ja jpn; Javanese jv jav; Kannada kn kan;
Kazakh kk kaz; Khmer km khm; Korean ko kor; Lao lo lao; Latvian lv lvs lav; Lingala ln lin; Lithuanian lt lit;
Luxembourgish lb ltz; Macedonian mk mkd; Malagasy mg plt mlg; Malay ms zsm msa; Malayalam ml mal; Maltese mt mlt;
Marathi mr mar; Mongolian mn khk mon; Nepali ne npi nep; Norwegian no nob nor nb; Occitan oc oci; Odia or ory ori;
Pashto ps pbt pus; Persian fa pes fas; Polish pl pol; Portuguese pt por; Punjabi pa pan; Romanian ro ron;
Russian ru rus; Scottish-Gaelic gd gla; Serbian sr srp; Sindhi sd snd; Sinhala si sin; Slovak sk slk;
Slovenian sl slv; Somali so som; Northern-Sotho ns nso; Spanish es spa; Sundanese su sun; Swahili sw swh swa;
Swati ss ssw; Swedish sv swe; Tagalog tl tgl; Tamil ta tam; Telugu te tel; Thai th tha; Tswana tn tsn; Turkish tr tur;
Ukrainian uk ukr; Urdu ur urd; Uzbek uz uzn uzb; Vietnamese vi vie; Welsh cy cym; Wolof wo wol; Xhosa xh xho;
Yiddish yi ydd yid; Yoruba yo yor; Zulu zu zul
"""
_SCRIPTS = {"zho": "Hans", "srp": "Cyrl"}
"""Where a model has a language in several scripts and nobody says which."""


@dataclass(frozen=True, slots=True)
class Language:
    name: str
    tags: tuple[str, ...]
    """Two letters first."""


def _read_table() -> dict[str, Language]:
    languages: dict[str, Language] = {}
    for entry in _TABLE.replace("\n", " ").split(";"):
        name, *tags = entry.split()
        language = Language(name.replace("-", " "), tuple(tags))
        languages |= dict.fromkeys([language.name.lower(), *tags], language)
    return languages


_LANGUAGES = _read_table()


def find_language(written: str) -> Language | None:
    """The language of a name or a code, whatever script or region the code names."""
    wanted = written.strip().lower()
    return _LANGUAGES.get(wanted) or _LANGUAGES.get(_parts(wanted)[0])


def language_name(written: str) -> str:
    """`de` as `German`; what is not known stays as it is."""
    language = find_language(written)
    return language.name if language else written.strip()


def two_letters(written: str) -> str:
    """`German` as `de`; a code that is not known stays as it is."""
    language = find_language(written)
    return language.tags[0] if language else _parts(written.strip().lower())[0]


def find_code(written: str, codes: Sequence[str]) -> str:
    """Which of a model's codes (`de`, `de_DE`, `deu_Latn`) is meant. Raises LookupError, which says what the model
    knows.
    """
    wanted = _parts(written.strip().lower())
    for code in codes:
        if _parts(code.lower()) == wanted:
            return code
    language = find_language(written)
    tags = language.tags if language else (wanted[0],)
    candidates = [code for tag in tags for code in codes if _parts(code.lower())[0] == tag]
    if not candidates:
        near = difflib.get_close_matches(written, codes, n=3, cutoff=0.5)
        known = f"near it: {', '.join(near)}" if near else f"it knows {', '.join(codes[:40])}{' …' * (len(codes) > 40)}"
        raise LookupError(f'The model does not know the language "{written}"; {known}.')
    scripts = [part.title() for part in wanted[1:]] or [_SCRIPTS.get(_parts(candidates[0])[0], "")]
    return next((code for code in candidates if any(script in _parts(code) for script in scripts)), candidates[0])


def _parts(code: str) -> list[str]:
    return re.split(r"[-_]", code)
