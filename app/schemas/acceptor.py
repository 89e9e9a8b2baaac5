"""Compiles a marshmallow schema to a function that waves good documents through.

The function checks exactly what the schema would, for documents that are in normal form already,
and hands every other one (null, unknown key, odd number, anything wrong) to `schema.load`. So
messages and conversions are marshmallow's alone, and only odd requests pay for them: 20 against
500 microseconds for a cart of five lines. A field or a hook that this compiler does not know is
refused when the schema is compiled, never guessed at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import RAISE
from marshmallow import Schema
from marshmallow import fields
from marshmallow import missing
from marshmallow import validate

from aggregates.kernel.limits import STRING_LENGTH_MAX
from app.edge.validation import load
from app.schemas.asked import AMOUNT
from app.schemas.asked import WHOLE_MAX
from app.schemas.asked import Amount
from app.schemas.asked import Flag
from app.schemas.asked import Measure
from app.schemas.asked import Open
from app.schemas.asked import Whole

Accept = Callable[[Any], Any]


class Doubt(Exception):
    """The document is not plainly right: the schema decides."""


class CannotCompile(TypeError):
    """The schema uses something that the compiler does not know."""


def compiled(schema: Schema) -> Accept:
    """A function equal to `load(schema, document)`, for one object."""
    builder = _Builder()
    root = builder.schema(schema)
    namespace: dict[str, Any] = {
        "Doubt": Doubt,
        "amount": AMOUNT.match,
        "open_object": _plain_object,
    }
    exec("\n".join(builder.lines), namespace)  # noqa: S102  (made of schemas, not of input)
    check = namespace[root]

    def accept(document: Any) -> Any:
        try:
            check(document)
        except Doubt:
            return load(schema, document)
        return document

    return accept


class _Builder:
    """Writes one Python function for each schema."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._functions: dict[type[Schema], str] = {}

    def schema(self, schema: Schema) -> str:
        """The name of the function for this schema."""
        kind = type(schema)
        if kind in self._functions:
            return self._functions[kind]
        _refuse_what_is_unknown(schema)
        body: list[str] = []
        for name, field in schema.load_fields.items():
            body += [f"    x = o.get({name!r})", "    if x is not None:", "        n += 1"]
            body += [f"        {line}" for line in self._field(field, "x")]
            if field.required:
                body += ["    else: raise Doubt"]
        function = self._functions[kind] = f"accept_{len(self._functions)}_{kind.__name__}"
        self.lines += [
            f"def {function}(o):",
            "    if o.__class__ is not dict: raise Doubt",
            "    n = 0",
            *body,
            "    if n != len(o): raise Doubt",  # an unknown key, or a null
        ]
        return function

    def _field(self, field: fields.Field[Any], x: str) -> list[str]:
        if (
            field.data_key is not None
            or field.attribute is not None
            or field.allow_none
            or field.load_default is not missing
            or field.dump_only
        ):
            raise CannotCompile(f"an option of field {field.name!r} is not known here")
        if type(field) is fields.Nested:
            if field.many or field.validators or field.unknown not in (None, RAISE):
                raise CannotCompile(f"an option of nested {field.name!r} is not known here")
            return [f"{self.schema(field.schema)}({x})"]
        if type(field) is fields.List:
            inner = self._field(field.inner, f"{x}i")
            return [
                f"if {x}.__class__ is not list{_lengths(field, x)}: raise Doubt",
                f"for {x}i in {x}:",
                *(f"    {line}" for line in inner),
            ]
        return [f"if {_refusal(field, x)}: raise Doubt"]


def _refusal(field: fields.Field[Any], x: str) -> str:
    """The condition under which a plain value goes to the schema."""
    if type(field) is fields.String:
        return f"{x}.__class__ is not str{_lengths(field, x)}"
    if field.validators:
        raise CannotCompile(f"validators of {type(field).__name__} are not known here")
    if type(field) is Amount:
        return f"{x}.__class__ is not str or amount({x}) is None"
    if type(field) is Measure:
        low = 1 if field.positive else 0
        return f"{x}.__class__ is not int or not {low} <= {x} <= {field.high}"
    if type(field) is Flag:
        return f"{x}.__class__ is not bool"
    if type(field) is Whole:
        return f"{x}.__class__ is not int or not 0 <= {x} <= {WHOLE_MAX}"
    if type(field) is Open:
        return f"not open_object({x})"
    raise CannotCompile(f"{type(field).__name__} is not known here")


def _lengths(field: fields.Field[Any], x: str) -> str:
    text = ""
    for validator in field.validators:
        if type(validator) is validate.OneOf:
            text += f" or {x} not in {tuple(validator.choices)!r}"
            continue
        if type(validator) is not validate.Length or validator.equal is not None:
            raise CannotCompile(f"{type(validator).__name__} is not known here")
        if validator.min:
            text += f" or len({x}) < {validator.min}"
        if validator.max is not None:
            text += f" or len({x}) > {validator.max}"
    return text


def _refuse_what_is_unknown(schema: Schema) -> None:
    hooks = [name for name, found in schema._hooks.items() if found]
    if hooks or schema.unknown != RAISE or schema.partial or schema.many:
        raise CannotCompile(f"{type(schema).__name__} has hooks or options not known here")


def _plain_object(value: Any) -> bool:
    """Whether an open object is in normal form: without floats, and no lists within lists."""
    if value.__class__ is not dict or "$decimal" in value:
        return False
    for name, item in value.items():
        if len(name) > STRING_LENGTH_MAX:
            return False
        items = item if item.__class__ is list else (item,)
        for each in items:
            kind = each.__class__
            if kind is str:
                if len(each) > STRING_LENGTH_MAX:
                    return False
            elif kind is int:
                if not -WHOLE_MAX <= each <= WHOLE_MAX:
                    return False
            elif kind is not bool and not (kind is dict and _plain_object(each)):
                return False
    return True
