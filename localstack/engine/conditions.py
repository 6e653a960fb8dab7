"""Conditions as functions. Used by the fast path `expressions`."""

import operator
from collections.abc import Callable
from typing import Any

Token = tuple[str, str]
Item = dict[str, Any]
Evaluate = Callable[[Any, Any, Any], Any]
"""Of an item, the values and the names of a request."""

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
COMPARATORS = ("EQ", "NE", "LT", "GT", "LE", "GE")


class Unusual(Exception):
    """An expression, or what it is applied to, that is left to MiniStack."""


def condition_of(dynamodb: Any, text: str) -> Evaluate | None:
    """Return the function of a condition; None when it has a fault or an unusual form."""
    if not text.strip():
        return None
    tokens = dynamodb._tokenize(text)
    if dynamodb._check_redundant_parens(tokens) or dynamodb._check_reserved_keyword_usage(tokens):
        return None
    if dynamodb._condition_syntax_error(text, "ConditionExpression"):
        return None
    try:
        return _Reader(dynamodb, tokens).condition()
    except Unusual:
        return None


def attribute(token: Token) -> Callable[[Any], Any]:
    """The name that a token means, of the names of a request."""
    text = token[1]
    if token[0] == "IDENT":
        return lambda _names: text
    if token[0] == "NAME_REF":
        return lambda names: names.get(text, text)
    raise Unusual


class _Reader:
    """Reads tokens as MiniStack's evaluator does; both sides of AND and OR are always evaluated, as there."""

    def __init__(self, dynamodb: Any, tokens: list[Token]) -> None:
        self._dynamodb, self._tokens, self._at = dynamodb, tokens, 0

    def condition(self) -> Evaluate:
        whole = self._either()
        if self._kind() != "EOF":
            raise Unusual
        return whole

    def _kind(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at][0] if at < len(self._tokens) else "EOF"

    def _take(self, kind: str | None = None) -> Token:
        token = self._tokens[self._at]
        if kind and token[0] != kind:
            raise Unusual
        self._at += 1
        return token

    def _keyword(self, word: str) -> bool:
        """Read a keyword if it is next; return whether it was."""
        token = self._tokens[self._at]
        if token[0] == "IDENT" and token[1].upper() == word:
            self._at += 1
            return True
        return False

    def _either(self) -> Evaluate:
        left = self._both()
        while self._keyword("OR"):
            left = _or(left, self._both())
        return left

    def _both(self) -> Evaluate:
        left = self._negation()
        while self._keyword("AND"):
            left = _and(left, self._negation())
        return left

    def _negation(self) -> Evaluate:
        if self._keyword("NOT"):
            return _not(self._negation())
        return self._primary()

    def _primary(self) -> Evaluate:
        if self._kind() == "LPAREN":
            self._take()
            inner = self._either()
            self._take("RPAREN")
            return inner
        if self._kind() == "IDENT" and self._kind(1) == "LPAREN":
            return self._function()
        left = self._operand()
        if self._kind() in COMPARATORS:
            return self._comparison(left, self._take()[1], self._operand())
        if self._keyword("IN"):
            return self._membership(left)
        raise Unusual

    def _function(self) -> Evaluate:
        name = self._take()[1].lower()
        self._take("LPAREN")
        found = self._path()
        if name == "begins_with":
            self._take("COMMA")
            prefix = self._operand()
            self._take("RPAREN")
            return _begins_with(found, prefix)
        self._take("RPAREN")
        if name == "attribute_exists":
            return lambda item, values, names: found(item, values, names) is not None
        if name == "attribute_not_exists":
            return lambda item, values, names: found(item, values, names) is None
        raise Unusual

    def _operand(self) -> Evaluate:
        if self._kind() == "VALUE_REF":
            reference = self._take()[1]
            return lambda _item, values, _names: values.get(reference)
        if self._kind(1) == "LPAREN":
            raise Unusual
        return self._path()

    def _path(self) -> Evaluate:
        name = attribute(self._take())
        if self._kind() not in ("DOT", "LBRACKET"):
            return lambda item, _values, names: item.get(name(names))
        parts: list[Callable[[Any], Any]] = [name]
        while self._kind() in ("DOT", "LBRACKET"):
            if self._take()[0] == "DOT":
                parts.append(attribute(self._take()))
            else:
                parts.append(_index(self._take("NUMBER")))
                self._take("RBRACKET")
        get = self._dynamodb._get_at_path
        return lambda item, _values, names: get(item, [part(names) for part in parts])

    def _comparison(self, left: Evaluate, sign: str, right: Evaluate) -> Evaluate:
        texts, others = COMPARISONS[sign], self._dynamodb._compare_ddb

        def compare(item: Any, values: Any, names: Any) -> Any:
            first, second = left(item, values, names), right(item, values, names)
            if type(first) is dict and type(second) is dict:
                one, two = first.get("S"), second.get("S")
                if type(one) is str and type(two) is str:
                    return texts(one, two)
            return others(first, sign, second)

        return compare

    def _membership(self, left: Evaluate) -> Evaluate:
        self._take("LPAREN")
        among = [self._operand()]
        while self._kind() == "COMMA":
            self._take()
            among.append(self._operand())
        self._take("RPAREN")
        compare = self._dynamodb._compare_ddb

        def membership(item: Any, values: Any, names: Any) -> bool:
            value = left(item, values, names)
            return any(compare(value, "=", one(item, values, names)) for one in among)

        return membership


def _index(token: Token) -> Callable[[Any], int]:
    if not token[1].isdecimal():
        raise Unusual
    number = int(token[1])
    return lambda _names: number


def _or(left: Evaluate, right: Evaluate) -> Evaluate:
    def either(item: Any, values: Any, names: Any) -> Any:
        first, second = left(item, values, names), right(item, values, names)
        return first or second

    return either


def _and(left: Evaluate, right: Evaluate) -> Evaluate:
    def both(item: Any, values: Any, names: Any) -> Any:
        first, second = left(item, values, names), right(item, values, names)
        return first and second

    return both


def _not(inner: Evaluate) -> Evaluate:
    return lambda item, values, names: not inner(item, values, names)


def _begins_with(found: Evaluate, prefix: Evaluate) -> Evaluate:
    def begins(item: Any, values: Any, names: Any) -> bool:
        value, start = found(item, values, names), prefix(item, values, names)
        if value is None or start is None:
            return False
        if "S" in value and "S" in start:
            return bool(value["S"].startswith(start["S"]))
        raise Unusual

    return begins
