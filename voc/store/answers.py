"""The cache of language-model answers, each linked to the feedback that it was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from voc.store import schema
from voc.store.times import to_text
from voc.types import Stamp

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A validated answer and what made it."""

    key: str
    prompt_name: str
    prompt_version: str
    prompt_hash: str
    model_id: str
    params: Mapping[str, object]
    answer: str
    tokens_in: int
    tokens_out: int
    seconds: float
    attempts: int


def get(connection: Connection, key: str) -> AnswerRow | None:
    """Return the cached answer of a key."""
    table = schema.llm_answer
    row = connection.execute(select(table).where(table.c.key == key)).first()
    if row is None:
        return None
    kept = {name: value for name, value in row._mapping.items() if name not in ("actor", "at")}
    return AnswerRow(**kept)


def said(connection: Connection, keys: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return name of the prompt and answer (JSON) of some keys."""
    table, found = schema.llm_answer, list[tuple[str, str]]()
    for start in range(0, len(keys), _CHUNK):
        chosen = table.c.key.in_(keys[start : start + _CHUNK])
        rows = connection.execute(select(table.c.prompt_name, table.c.answer).where(chosen).order_by(table.c.key))
        found += [(row.prompt_name, row.answer) for row in rows]
    return tuple(found)


def put(connection: Connection, stamp: Stamp, answer: AnswerRow, *, feedback_ids: Sequence[str]) -> None:
    """Keep an answer; a second one under the same key is left out."""
    if get(connection, answer.key) is not None:
        return
    connection.execute(
        insert(schema.llm_answer).values(
            key=answer.key,
            prompt_name=answer.prompt_name,
            prompt_version=answer.prompt_version,
            prompt_hash=answer.prompt_hash,
            model_id=answer.model_id,
            params=dict(answer.params),
            answer=answer.answer,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
            seconds=answer.seconds,
            attempts=answer.attempts,
            actor=stamp.actor,
            at=to_text(stamp.at),
        )
    )
    links = [{"key": answer.key, "feedback_id": one} for one in sorted(set(feedback_ids))]
    if links:
        connection.execute(insert(schema.llm_answer_feedback), links)
