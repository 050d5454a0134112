"""What may be asked of the API: texts without control characters, and no parameter that is not there."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, get_origin

from fastapi import APIRouter, Depends, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from voc.access import Act
from voc.errors import InputError
from voc.web.api.route import ApiRoute
from voc.web.errors import RESPONSES
from voc.web.visit import Visit, needs, writes

PREFIX: Final = "/api/v1"
LONGEST: Final = 2000
MOST_VALUES: Final = 100
MOST_TEXT: Final = 200_000

_SHOWN: Final = 40
_BLANKS: Final = frozenset("\t\n\r")


def plain(text: str) -> str:
    """Return a text that holds no control character.

    Raises:
        ValueError: it holds one.
    """
    if any(unicodedata.category(char) == "Cc" for char in text):
        raise ValueError("It holds a control character, which no name or id has; leave it out")
    return text


def _written(text: str) -> str:
    if any(unicodedata.category(char) == "Cc" and char not in _BLANKS for char in text):
        raise ValueError("It holds a control character; leave it out")
    return text.replace("\r\n", "\n")


Text = Annotated[str, Field(max_length=LONGEST), AfterValidator(plain)]
Texts = Annotated[list[Text], Field(max_length=MOST_VALUES)]
Id = Annotated[str, Path(max_length=128, description="Its id; the beginning is enough."), AfterValidator(plain)]
Name = Annotated[str, Path(max_length=128, description="Its name."), AfterValidator(plain)]
Written = Annotated[str, Field(max_length=LONGEST), AfterValidator(_written)]
"""What people write in a few sentences: lines are allowed."""
LongText = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_written)]

Viewer = Annotated[Visit, Depends(needs(Act.VIEW))]
Reader = Annotated[Visit, Depends(needs(Act.READ))]


class Sent(BaseModel):
    """What a program sends; a field that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Nothing(Sent):
    """An empty object."""


def writer(act: Act) -> Any:  # noqa: ANN401  FastAPI's type
    """Return the dependency of a route that changes something."""
    return Depends(writes(act))


def routes(tag: str) -> APIRouter:
    """Return a router of one noun, whose answers carry ETags and documented errors."""
    return APIRouter(prefix=PREFIX, tags=[tag], responses=RESPONSES, route_class=ApiRoute)


def allows(fields: Mapping[str, FieldInfo]) -> Any:  # noqa: ANN401  FastAPI's type
    """Return the dependency that refuses parameters that are not there, and those given twice without being lists.

    A filter that is misspelt, or of which only the last value counts, would widen an answer in silence.
    """
    return Depends(_check(fields))


def _check(fields: Mapping[str, FieldInfo]) -> Callable[[Request], None]:
    lists = {name for name, one in fields.items() if get_origin(one.annotation) is list}
    known = ", ".join(fields) or "none"

    def check(request: Request) -> None:
        for name, times in Counter(name for name, _ in request.query_params.multi_items()).items():
            if name not in fields:
                raise InputError(f"There is no parameter '{name[:_SHOWN]}'. Allowed: {known}.")
            if times > 1 and name not in lists:
                raise InputError(f"The parameter '{name}' came {times} times; it takes one value. Give it once.")

    return check
