"""Items made by plan are those that pynamodb makes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.attributes import BooleanAttribute, ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import AttributeNullError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.models import Model

from chalicelib.core.conversion import as_item, key_is_free, key_of, new_item, rendered, speed_up_access


class Plain(Model):
    class Meta:
        table_name = "plain"
        region = "us-east-1"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True, default="first")
    text = UnicodeAttribute(null=True)
    number = NumberAttribute(default=3)
    flag = BooleanAttribute(null=True)
    must = UnicodeAttribute()


class WithList(Model):
    class Meta:
        table_name = "with-list"
        region = "us-east-1"

    pk = UnicodeAttribute(hash_key=True)
    calls: ListAttribute[Any] = ListAttribute(of=NumberAttribute, default=list)


TEXTS = st.text(max_size=20)
VALUES = st.fixed_dictionaries(
    {"pk": TEXTS, "must": TEXTS},
    optional={
        "sk": TEXTS,
        "text": st.none() | TEXTS,
        "number": st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans(),
        "flag": st.none() | st.booleans(),
    },
)


@given(VALUES)
def test_an_item_is_written_as_pynamodb_writes_it(values: dict[str, Any]) -> None:
    usual = Plain(**values)
    assert as_item(usual) == usual.serialize()
    assert as_item(new_item(Plain, **values)) == usual.serialize()
    key = {name: value for name, value in usual.serialize().items() if name in ("pk", "sk")}
    assert key_of(new_item(Plain, **values)) == key


@given(VALUES)
def test_a_new_item_is_the_one_its_constructor_makes(values: dict[str, Any]) -> None:
    assert new_item(Plain, **values).attribute_values == Plain(**values).attribute_values


def test_a_missing_required_attribute_is_an_error() -> None:
    with pytest.raises(AttributeNullError, match="must"):
        as_item(new_item(Plain, pk="a"))


def test_an_attribute_that_is_not_declared_is_refused() -> None:
    with pytest.raises(ValueError, match="Plain has no other"):
        new_item(Plain, pk="a", other=1)


def test_lists_are_left_to_pynamodb_and_not_shared() -> None:
    one, other = new_item(WithList, pk="a"), new_item(WithList, pk="b")
    one.calls.append(5)
    assert as_item(one) == {"pk": {"S": "a"}, "calls": {"L": [{"N": "5"}]}}
    assert as_item(other) == {"pk": {"S": "b"}, "calls": {"L": []}}


@pytest.mark.parametrize(
    "condition",
    [
        Path("pk").does_not_exist(),
        Path("flag") == False,  # noqa: E712
        (Path("number") == 3) & (Path("text").exists() | (Path("text") < "a")),
    ],
)
def test_a_condition_is_rendered_as_pynamodb_renders_it(condition: Condition) -> None:
    usual = Plain("a", must="b").get_save_kwargs_from_instance(condition=condition)
    assert rendered(condition) == {name: usual[name] for name in usual if name not in ("TableName", "Item")}


def test_a_free_key_is_rendered_as_pynamodb_renders_it() -> None:
    assert key_is_free(Plain) == rendered(Path("pk").does_not_exist())


class Quick(Plain):
    class Meta:
        table_name = "quick"
        region = "us-east-1"


speed_up_access(Quick)


@given(VALUES, st.none() | TEXTS)
def test_faster_access_does_not_change_a_model(values: dict[str, Any], later: str | None) -> None:
    usual, quick = Plain(**values), Quick(**values)
    usual.text, quick.text = later, later
    names = list(Plain.get_attributes())
    assert [getattr(quick, name) for name in names] == [getattr(usual, name) for name in names]
    assert quick.serialize() == usual.serialize()
    again = Quick("x", must="y")
    again.deserialize(usual.serialize())
    assert again.serialize() == quick.serialize()


def test_a_model_with_faster_access_has_its_attributes() -> None:
    assert Quick.get_attributes().keys() == Plain.get_attributes().keys()
    assert Quick.must is Quick.get_attributes()["must"]
    assert rendered(Quick.must == "a") == rendered(Plain.must == "a")
