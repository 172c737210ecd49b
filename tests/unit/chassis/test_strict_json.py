"""What the strict reader takes and what it refuses; each refusal is a 400 with words, never an error of ours."""

from __future__ import annotations

import json

import pytest

from chassis.web.strict_json import MAX_DEPTH, MAX_INTEGER, MAX_VALUES, NotStrictJson, read

GOOD = [
    (b"{}", {}),
    (b'{"a": [1, 2.5, true, null, "text"]}', {"a": [1, 2.5, True, None, "text"]}),
    ('{"name": "Zoë 🌱"}'.encode(), {"name": "Zoë 🌱"}),
    (b'"\\ud83c\\udf31"', "🌱"),
    (str(MAX_INTEGER).encode(), MAX_INTEGER),
    (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, None),
    (b"[" + b"0," * (MAX_VALUES - 2) + b"0]", None),
    (b'{"deep in text": "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}', None),
]
BAD = {
    "not JSON": b"{a: 1}",
    "empty": b"",
    "cut off": b'{"a": [1, 2',
    "two values": b"{} {}",
    "a name twice": b'{"a": 1, "a": 2}',
    "a name twice, deeper": b'{"a": {"b": 1, "b": 1}}',
    "not a number": b'{"a": NaN}',
    "infinity": b"[Infinity]",
    "minus infinity": b"[-Infinity]",
    "a float beyond floats": b"[1e999]",
    "an integer too large": str(MAX_INTEGER + 1).encode(),
    "an integer too small": str(-MAX_INTEGER - 1).encode(),
    "a huge integer": b"9" * 5000,
    "NUL in text": b'"a\\u0000b"',
    "NUL in a name": b'{"a\\u0000b": 1}',
    "half a surrogate": b'"\\ud83c"',
    "half a surrogate in a name": b'{"\\udf31": 1}',
    "surrogates the wrong way round": b'"\\udf31\\ud83c"',
    "too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "much too deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "more values than any message": b"[" + b"0," * (MAX_VALUES - 1) + b"0]",
    "more names than any message": b"{" + b",".join(b'"%d":1' % n for n in range(MAX_VALUES // 2)) + b"}",
    "not UTF-8": b'"\xff\xfe"',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a comment": b'{"a": 1} // yes',
    "single quotes": b"{'a': 1}",
    "a control character in text": b'"a\nb"',
}


def test_a_name_that_stands_twice_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(NotStrictJson) as refused:
        read(b'{"Jordan Okafor": 1, "Jordan Okafor": 2}')
    assert "Okafor" not in refused.value.says


@pytest.mark.parametrize(("body", "value"), GOOD)
def test_ordinary_json_is_read_as_it_is(body: bytes, value: object) -> None:
    read_value = read(body)
    assert read_value == (json.loads(body) if value is None else value)


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
def test_what_a_database_could_choke_on_is_refused_with_words(body: bytes) -> None:
    with pytest.raises(NotStrictJson) as refused:
        read(body)
    assert refused.value.status == 400
    assert len(refused.value.says) > 10
