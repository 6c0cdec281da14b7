"""Bodies that would break something later are refused as invalid_request, whoever sends them."""

import time
from contextlib import suppress
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.test import APIRequestFactory

from api.openapi import operation
from api.parsers import MAX_BODY, StrictJSONParser, strict_loads
from common.errors import Malformed, PayloadTooLarge


def nested(depth: int) -> list[Any]:
    """Return a list in lists."""
    return [nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        (b'{"a": [1, "x", null, true]}', {"a": [1, "x", None, True]}),
        ('{"nome": "Pão \\u00e9"}'.encode(), {"nome": "Pão é"}),
        (b'"\\ud83c\\udf70"', "🍰"),
        (b"[" * 32 + b"]" * 32, nested(31)),
        (b'{"a": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}', {"a": "[" * 42}),
        (b'{"a": "\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}', {"a": '"' + "[" * 39}),
    ],
)
def test_plain_json_is_read(body: bytes, value: Any) -> None:
    assert strict_loads(body) == value


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"", "parse_error", id="empty"),
        pytest.param(b"{", "parse_error", id="unfinished"),
        pytest.param(b"{'a': 1}", "parse_error", id="single quotes"),
        pytest.param(b"{} {}", "parse_error", id="two values"),
        pytest.param(b"\xef\xbb\xbf{}", "parse_error", id="byte order mark"),
        pytest.param(b'{"a": "\x00"}', "parse_error", id="raw NUL", marks=pytest.mark.fault("E1")),
        pytest.param(b'{"a": "\\u0000"}', "invalid_text", id="escaped NUL", marks=pytest.mark.fault("E1")),
        pytest.param(b'{"a\\u0000": 1}', "invalid_text", id="NUL in a name", marks=pytest.mark.fault("E1")),
        pytest.param(b'[[{"a": ["\\ud800"]}]]', "invalid_text", id="lone surrogate", marks=pytest.mark.fault("E2")),
        pytest.param(b'"\\udf70\\ud83c"', "invalid_text", id="surrogates the wrong way", marks=pytest.mark.fault("E2")),
        pytest.param(b'{"a": "\xff"}', "parse_error", id="no UTF-8", marks=pytest.mark.fault("E3")),
        pytest.param("{}".encode("utf-16"), "parse_error", id="UTF-16", marks=pytest.mark.fault("E3")),
        pytest.param(b'"\xed\xa0\x80"', "parse_error", id="surrogate as UTF-8", marks=pytest.mark.fault("E3")),
        pytest.param(b"[" * 33 + b"]" * 33, "parse_error", id="33 deep", marks=pytest.mark.fault("E4")),
        pytest.param(b"[" * 100_000, "parse_error", id="100,000 deep", marks=pytest.mark.fault("E4")),
        pytest.param(b'{"a":' * 100_000, "parse_error", id="100,000 objects", marks=pytest.mark.fault("E4")),
        pytest.param(b'{"a": NaN}', "not_a_number", id="NaN", marks=pytest.mark.fault("E5")),
        pytest.param(b"[Infinity]", "not_a_number", id="Infinity", marks=pytest.mark.fault("E5")),
        pytest.param(b"[-Infinity]", "not_a_number", id="-Infinity", marks=pytest.mark.fault("E5")),
        pytest.param(b"1e400", "number_too_long", id="1e400", marks=pytest.mark.fault("E5")),
        pytest.param(b"1e-400", "number_too_long", id="1e-400", marks=pytest.mark.fault("E5")),
        pytest.param(b"1e99999999999999999999", "number_too_long", id="huge exponent", marks=pytest.mark.fault("E5")),
        pytest.param(b"9" * 5000, "number_too_long", id="5,000 digits", marks=pytest.mark.fault("E6")),
        pytest.param(b"1." + b"9" * 5000, "number_too_long", id="5,000 decimals", marks=pytest.mark.fault("E6")),
        pytest.param(b'{"p": 1, "p": 999}', "duplicate_name", id="repeated name", marks=pytest.mark.fault("E7")),
        pytest.param(
            b'[{"a": {"p": 1, "p": 1}}]', "duplicate_name", id="repeated inside", marks=pytest.mark.fault("E7")
        ),
    ],
)
def test_what_would_break_something_later_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        strict_loads(body)
    assert [error.code for error in refused.value.errors] == [code]


def test_the_place_of_bad_text_is_named() -> None:
    with pytest.raises(Malformed) as refused:
        strict_loads(b'{"customer": {"names": ["Ana", "B\\u0000"]}}')
    assert refused.value.errors[0].pointer == "/customer/names/1"


@pytest.mark.fault("E18")
@pytest.mark.parametrize(
    "body",
    [b'"' + b'\\"' * 500_000, b'["' + b"[" * 1_000_000, b'["' + b'\\"[' * 300_000 + b'"]', b'"",' * 250_000],
    ids=["escaped quotes", "brackets in a string", "both", "many strings"],
)
def test_no_body_makes_the_parser_look_twice(body: bytes) -> None:
    began = time.process_time()
    with suppress(Malformed):
        strict_loads(body)
    assert time.process_time() - began < 1.5


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_a_refusal(body: bytes) -> None:
    statuses = {400, None}
    found = None
    try:
        strict_loads(body)
    except Malformed as refused:
        found = refused.status
    assert found in statuses


def parse(body: bytes, *, content_type: str = "application/json", **headers: str) -> Any:
    request = APIRequestFactory().post("/", data=body, content_type=content_type, **headers)
    return StrictJSONParser().parse(BytesIO(body), content_type, {"request": request})


@pytest.mark.fault("E8")
def test_a_body_of_more_than_the_operation_reads_is_too_large() -> None:
    assert parse(b'"' + b"a" * (MAX_BODY - 2) + b'"') == "a" * (MAX_BODY - 2)
    with pytest.raises(PayloadTooLarge):
        parse(b'"' + b"a" * (MAX_BODY - 1) + b'"')


def test_an_operation_may_read_more() -> None:
    class Door:
        @operation(request=None, responses={204: None}, body_limit=MAX_BODY + 10)
        def post(self, request: Any) -> None: ...

    body = b'"' + b"a" * (MAX_BODY + 8) + b'"'
    request = APIRequestFactory().post("/", data=body, content_type="application/json")
    parser = StrictJSONParser()
    context = {"request": request, "view": Door()}
    assert len(parser.parse(BytesIO(body), "application/json", context)) == MAX_BODY + 8
    with pytest.raises(PayloadTooLarge):
        parser.parse(BytesIO(body + b" "), "application/json", context)


@pytest.mark.fault("E18")
def test_no_pointer_is_written_for_what_is_right() -> None:
    body = b'{"' + b"n" * 400_000 + b'":[' + b'"",' * 200_000 + b'"\\ud800"]}'
    began = time.process_time()
    with pytest.raises(Malformed) as refused:
        strict_loads(body)
    assert time.process_time() - began < 1.5
    assert len(refused.value.errors[0].pointer) <= 200


@pytest.mark.fault("E8")
def test_a_compressed_body_is_not_opened() -> None:
    with pytest.raises(UnsupportedMediaType):
        parse(b"{}", HTTP_CONTENT_ENCODING="gzip")
    assert parse(b"{}", HTTP_CONTENT_ENCODING="identity") == {}


@pytest.mark.fault("E10")
@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "nonsense"])
def test_another_charset_is_not_spoken(charset: str) -> None:
    with pytest.raises(UnsupportedMediaType):
        parse(b"{}", content_type=f"application/json; charset={charset}")
    assert parse(b"{}", content_type='application/json; charset="UTF-8"') == {}
