"""The one reader of JSON files: what strangers write is read as it is meant, or refused in one line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vj.core import checked_json
from vj.core.errors import DatasetError, VjError


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_byte_order_mark_is_left_out(mark):
    assert checked_json.tree("a.json", f'{mark}{{"größe": 1}}'.encode(), DatasetError) == {"größe": 1}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "a.json is not JSON: Expecting"),
        ("[" * 100_000, "a.json is not JSON: "),
        ("1" * 5000, "a.json is not JSON: Exceeds the limit"),
        (b"\xff", "a.json is not JSON: 'utf-8' codec"),
        ('{"a": [0, {"b": 18446744073709551616}]}', "a.json: a.2.b: a whole number of 65 bits, expected at most 64"),
        ('{"a": NaN}', "a.json: a: found nan, expected a finite number"),
        ('{"a": 1e999}', "a.json: a: found inf"),
        ('{"a": "\\ud800"}', "a.json: a: a text with half a letter"),
        ('{"\\udc00": 1}', "a.json: a text with half a letter"),
        ("[" * 80 + "]" * 80, "nested too deeply"),
    ],
)
def test_what_is_of_no_use_is_one_line(text, told):
    with pytest.raises(DatasetError) as caught:
        checked_json.tree("a.json", text, DatasetError)
    assert told in str(caught.value)


TREES = st.recursive(
    st.one_of(st.integers(), st.floats(), st.text(max_size=5), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
)


@settings(deadline=None)
@given(TREES)
def test_a_tree_comes_out_as_it_went_in_or_is_refused(tree):
    found, told = outcome(json.dumps(tree))
    assert found == tree if not told else len(told.splitlines()) == 1


def outcome(text):
    try:
        return checked_json.tree("a.json", text, DatasetError), ""
    except VjError as e:
        return None, str(e)
