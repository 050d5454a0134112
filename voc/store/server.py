"""Connections to a PostgreSQL server that says nothing for long: it is asked whether it is still there.

The server ends slow statements itself. A machine that froze, or a network that swallows everything, ends nothing: the
client would wait for as long as TCP does, which for a connection in rest is hours.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping
from sqlalchemy import Engine, event

SILENCE_S: Final = 30.0
"""Seconds of silence after which a server is asked whether it is there."""

TCP: Final[Mapping[str, int]] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""When the system gives up a connection through which nothing comes. Source: PostgreSQL documentation, "Parameter Key
Words"."""


class AskingConnection(psycopg.Connection[Any]):
    """A connection that lets a statement take its time while its server answers others, and ends when it does not."""

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  as in psycopg
        """Do what waits for the server, and see in between that there is one.

        Raises:
            psycopg.OperationalError: the server neither says anything nor takes a new connection.
        """
        return super().wait(self._asking(gen), *arguments, **named)

    def _asking(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        heard = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard > SILENCE_S:
                    self._ask()
                    heard = time.monotonic()
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value

    def _ask(self) -> None:
        where = make_conninfo(self.info.dsn, host=self.info.host, port=self.info.port)
        if Ping(PGconn.ping(where.encode())) in (Ping.OK, Ping.REJECT):
            return
        self.pgconn.finish()
        raise psycopg.OperationalError(
            f"the server has said nothing for {SILENCE_S:.0f} seconds and takes no new connection"
        )


def ask_when_silent(engine: Engine) -> None:
    """Let every connection that an engine makes ask a silent server whether it is there; the address may say more."""

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, arguments: Any, named: Any) -> AskingConnection:  # noqa: ANN401
        return AskingConnection.connect(*arguments, **{**TCP, **named})
