"""How a person is written down: e-mail, phone, CPF or CNPJ and postal code in the one form that is stored.

Everything here is a pure function of its text. What a phone puts around a number it copies, and the dashes and spaces
of typography, are marks and no errors. A CNPJ may contain letters (Receita Federal, Instrução
Normativa 2.229/2024, valid since July 2026), so nothing may ever strip "everything that is not a digit" from it.
"""

import hashlib
import re
import unicodedata
from datetime import date

import phonenumbers
from validate_docbr import CNPJ, CPF

from common.text import plain_marks

STATES = (
    *("AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO", "MA", "MG", "MS", "MT", "PA"),
    *("PB", "PE", "PI", "PR", "RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO"),
)
# What mail systems deliver in practice: a plain local part, and a domain that may have accents.
EMAIL_PATTERN = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^\s@<>()\[\],;:\\\"]{1,189}")
DOTLESS = ("gmail.com", "googlemail.com")
DOCUMENT_MARKS = str.maketrans("", "", ".-/ ")
CPF_PATTERN = re.compile(r"[0-9]{11}")
CNPJ_PATTERN = re.compile(r"[0-9A-Z]{12}[0-9]{2}")
PIX_RANDOM_PATTERN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MAX_PIX_KEY = 77
POSTAL_CODE_MARKS = str.maketrans("", "", ".- ")
POSTAL_CODE_PATTERN = re.compile(r"[0-9]{8}")
BIRTHDAY_STORED = re.compile(r"(?P<year>[0-9]{4}|-)-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
BIRTHDAY_TYPED = re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})(?:[/.-](?P<year>[0-9]{4}))?")
LEAP_YEAR = 2000


def normal_email(text: str) -> str:
    """Return the address as it is stored: NFKC, case-folded, without surrounding space.

    Two spellings that people take for the same address come out equal, so uniqueness can be judged by a plain index.

    Raises:
        ValueError: this can not be an e-mail address.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).strip().casefold())
    domain = folded.rpartition("@")[2]
    whole = EMAIL_PATTERN.fullmatch(folded) and "." in domain and not domain.startswith(".") and ".." not in folded
    if not whole or domain.endswith(".") or folded != folded.lower() or not folded.isprintable():
        raise ValueError(text)
    return folded


def mailbox_of(email: str) -> str:
    """Return what the spellings of an address that reach one mailbox have in common; nothing for nothing.

    What follows a plus is a tag. Google reads no dots (https://support.google.com/mail/answer/7436150).
    `common.search.mailbox_key_of` says the same in SQL.
    """
    local, _at, domain = email.lower().partition("@")
    local = local.partition("+")[0]
    if domain in DOTLESS:
        return f"{local.replace('.', '')}@{DOTLESS[0]}"
    return f"{local}@{domain}" if domain else ""


def mailbox_digest(email: str) -> str:
    """Return what names a stored address without telling it, for rows that nobody needs to read."""
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def normal_phone(text: str) -> str:
    """Return the number in E.164, such as +5511987654321; a number without country code is Brazilian.

    Raises:
        ValueError: no such number can exist.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", plain_marks(text)), "BR")
    except phonenumbers.NumberParseException as problem:
        raise ValueError(text) from problem
    if not phonenumbers.is_valid_number(number) or number.extension:
        raise ValueError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normal_document(text: str) -> str:
    """Return a CPF as 11 digits or a CNPJ as 14 upper-case characters, its check digits verified.

    Raises:
        ValueError: neither a CPF nor a CNPJ.
    """
    plain = plain_marks(text).strip().upper().translate(DOCUMENT_MARKS)
    if CPF_PATTERN.fullmatch(plain) and CPF().validate(plain):
        return plain
    if CNPJ_PATTERN.fullmatch(plain) and CNPJ().validate(plain):
        return plain
    raise ValueError(text)


def normal_pix_key(text: str) -> str:
    """Return a key of the Brazilian Pix: CPF, CNPJ, phone with its country code, e-mail or random key.

    Eleven digits are a CPF if they can be one, and a mobile phone otherwise.

    Raises:
        ValueError: none of these.
    """
    plain = plain_marks(text).strip()
    if PIX_RANDOM_PATTERN.fullmatch(plain.lower()):
        return plain.lower()
    if "@" in plain:
        email = normal_email(plain)
        if not email.isascii() or len(email) > MAX_PIX_KEY:
            raise ValueError(text)
        return email
    try:
        return normal_document(plain)
    except ValueError:
        phone = normal_phone(plain)
    if not phone.startswith("+55"):
        raise ValueError(text)
    return phone


def shown_document(document: str) -> str:
    """Return a stored CPF or CNPJ with its usual marks; anything else as it is."""
    if len(document) == 11:
        return f"{document[:3]}.{document[3:6]}.{document[6:9]}-{document[9:]}"
    if len(document) == 14:
        return f"{document[:2]}.{document[2:5]}.{document[5:8]}/{document[8:12]}-{document[12:]}"
    return document


def normal_birthday(text: str) -> str:
    """Return a day of birth as 1990-03-12, and without its year as --03-12 (ISO 8601, vCard).

    A day is written as 12/03/1990 or 12/03, with dots or dashes too, or in the form that is stored.

    Raises:
        ValueError: no such day, or a year before 1900.
    """
    plain = plain_marks(text).strip()
    stored = BIRTHDAY_STORED.fullmatch(plain)
    typed = stored or BIRTHDAY_TYPED.fullmatch(plain)
    if typed is None:
        raise ValueError(text)
    parts = typed.groupdict()
    year = int(parts["year"]) if parts["year"] not in (None, "-") else LEAP_YEAR
    day = date(year, int(parts["month"]), int(parts["day"]))
    if year < 1900:
        raise ValueError(text)
    return f"{day:%Y-%m-%d}" if parts["year"] not in (None, "-") else f"-{day:-%m-%d}"


def shown_birthday(birthday: str) -> str:
    """Return a stored day of birth as people write it: 12/03/1990, or 12/03."""
    if not birthday:
        return ""
    year, day = birthday[:-6], f"{birthday[-2:]}/{birthday[-5:-3]}"
    return day if year == "-" else f"{day}/{year}"


def normal_postal_code(text: str) -> str:
    """Return a CEP as 8 digits.

    Raises:
        ValueError: not 8 digits, with or without dots, dashes and spaces between them.
    """
    plain = plain_marks(text).translate(POSTAL_CODE_MARKS)
    if not POSTAL_CODE_PATTERN.fullmatch(plain):
        raise ValueError(text)
    return plain
