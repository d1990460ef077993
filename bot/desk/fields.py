"""What a request asks for, field by field: reads what somebody typed into one form, or says what is wrong with it.

Every reader gives the value as it is kept, or raises WrongValue with the name of the fault, for which wording.yml has
the words. None of them guesses: what can be read in two ways is asked again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from .errors import DeskError

LONGEST_NAME = 80
LONGEST_LINE = 200
LONGEST_TEXT = 2000


class WrongValue(DeskError):
    """What was typed does not fit the field."""

    def __init__(self, fault: str, **values: object):
        super().__init__(fault)
        self.fault = fault  #: name_empty, name_odd, email_odd ...
        self.values = values


#: Letters of any script, marks on them, and what stands between the parts of a name.
_BETWEEN = set(" -'’.・·,，、　‐–ー")
#: Characters that turn the direction of text around, or are not seen at all.
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_POSTCODE = re.compile(r"〒?\s*(\d{3})[-‐–ー−]?(\d{4})")
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "R": 2018, "H": 1988, "S": 1925, "T": 1911}
_OF_ERA = re.compile(r"(令和|平成|昭和|大正|[RHST])\s*(元|\d{1,2})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?")
_MONTHS = {name: n for n, names in enumerate(
    (("jan", "january"), ("feb", "february"), ("mar", "march"), ("apr", "april"), ("may",), ("jun", "june"),
     ("jul", "july"), ("aug", "august"), ("sep", "sept", "september"), ("oct", "october"), ("nov", "november"),
     ("dec", "december")), 1) for name in names}  # fmt: skip


def clean(text: str) -> str:
    """One line without what cannot be seen: control characters, turned directions, doubled spaces."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return re.sub(r"[ \u3000]+", " ", text).strip()


def read_name(text: str) -> str:
    """A person's name in any script, as it stands on their document.

    >>> read_name("  Hana   O'Neill "), read_name("山田　花子")
    ("Hana O'Neill", '山田 花子')
    """
    name = clean(text)
    if not name:
        raise WrongValue("name_empty")
    if len(name) > LONGEST_NAME:
        raise WrongValue("name_long", most=LONGEST_NAME)
    if not any(unicodedata.category(c)[0] == "L" for c in name):
        raise WrongValue("name_odd")
    if any(unicodedata.category(c)[0] not in "LM" and c not in _BETWEEN for c in name):
        raise WrongValue("name_odd")
    return name


def read_email(text: str) -> str:
    """One e-mail address, its domain in lower case; whether it exists is found out by the code that is sent there."""
    address = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).strip().removeprefix("mailto:").strip("<>").rstrip(".,;。、")
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise WrongValue("email_odd") from None


def read_phone(text: str, region: str = "JP") -> str:
    """A telephone or fax number, written internationally; one without a country's number is of that region.

    >>> read_phone("０３ー１２３４ー５６７８"), read_phone("+44 20 7946 0958")
    ('+81 3-1234-5678', '+44 20 7946 0958')
    """
    plain = re.sub(r"[‐–ー−‑]", "-", unicodedata.normalize("NFKC", clean(text)))
    if re.search(r"[^\d\s()+.\-/extEXT:]", plain):
        raise WrongValue("phone_odd")
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        raise WrongValue("phone_odd") from None
    if not phonenumbers.is_possible_number(number):
        raise WrongValue("phone_odd")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def read_postcode(text: str) -> str:
    """A postcode: a Japanese one with its hyphen, a foreign one as it was typed.

    >>> read_postcode("〒１６００００１"), read_postcode("sw1a 1aa")
    ('160-0001', 'SW1A 1AA')
    """
    plain = unicodedata.normalize("NFKC", clean(text))
    if found := _POSTCODE.fullmatch(plain):
        return f"{found[1]}-{found[2]}"
    if re.fullmatch(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 \-]{1,10}[A-Za-z0-9]", plain):
        return plain.upper()
    raise WrongValue("postcode_odd")


def read_line(text: str) -> str:
    """One line, such as an address or a contract's number."""
    line = clean(text)
    if not line:
        raise WrongValue("line_empty")
    if len(line) > LONGEST_LINE:
        raise WrongValue("line_long", most=LONGEST_LINE)
    return line


def read_text(text: str) -> str:
    """Some lines, such as what is to be corrected; its line breaks stay."""
    text = "\n".join(clean(line) for line in text.splitlines()).strip()
    if not text:
        raise WrongValue("line_empty")
    if len(text) > LONGEST_TEXT:
        raise WrongValue("line_long", most=LONGEST_TEXT)
    return text


def read_date(text: str, today: date) -> str:
    """A day that is not to come, as ISO 8601. What could be two days (02/03/2001) is not guessed.

    >>> read_date("平成3年4月5日", date(2026, 1, 1)), read_date("5 April 1991", date(2026, 1, 1))
    ('1991-04-05', '1991-04-05')
    """
    plain = unicodedata.normalize("NFKC", clean(text)).strip(" .")
    year, month, day = _find_date(plain)
    try:
        found = date(year, month, day)
    except ValueError:
        raise WrongValue("date_odd") from None
    if found > today:
        raise WrongValue("date_to_come")
    if found.year < 1900:
        raise WrongValue("date_odd")
    return found.isoformat()


def _find_date(plain: str) -> tuple[int, int, int]:
    if found := re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", plain):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _OF_ERA.fullmatch(plain):
        return _ERAS[found[1]] + (1 if found[2] == "元" else int(found[2])), int(found[3]), int(found[4])
    words = re.findall(r"[A-Za-z]+|\d+", re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", plain, flags=re.I))
    if len(words) == 3:
        month = [_MONTHS[word.lower()] for word in words if word.lower() in _MONTHS]
        numbers = [int(word) for word in words if word.isdigit()]
        if len(month) == 1 and len(numbers) == 2 and sum(number > 31 for number in numbers) == 1:
            return max(numbers), month[0], min(numbers)
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", plain):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first > 12 >= second or first == second:
            return year, second, first
        if second > 12 >= first:
            return year, first, second
        raise WrongValue("date_twofold")
    raise WrongValue("date_odd")


#: How each field is read; `today` is for dates alone.
READERS: dict[str, Callable[[str], str]] = {
    "name": read_name,
    "principal_name": read_name,
    "email": read_email,
    "phone": read_phone,
    "fax": read_phone,
    "postcode": read_postcode,
    "address": read_line,
    "contract": read_line,
    "details": read_text,
}
