"""`voc serve`: the pages and the JSON API of a workspace."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Annotated, Final

import typer

from voc.cli import place
from voc.cli.output import err

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 8000,
    name: Annotated[list[str] | None, typer.Option("--name", help="Name people call it by. Repeat it.")] = None,
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", help="Certificate with its chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="Its key (PEM).")] = None,
    behind_tls: Annotated[bool, typer.Option("--behind-tls", help="A proxy in front of it speaks TLS.")] = False,
    insecure_http: Annotated[
        bool, typer.Option("--insecure-http", help="Listen elsewhere without TLS; passwords can be read on the way.")
    ] = False,
) -> None:
    """Serve the pages of the workspace until it is stopped (Ctrl-C or SIGTERM), which lets open requests end."""
    import uvicorn

    from voc.errors import InputError
    from voc.web.app import HOSTS, create_app, warm
    from voc.web.logs import LOG_CONFIG, set_up
    from voc.workspace import Workspace

    tls = tls_cert is not None or behind_tls
    if (tls_cert is None) != (tls_key is None):
        raise InputError("--tls-cert and --tls-key belong together; name both.")
    if host not in LOOPBACK and not (tls or insecure_http):
        raise InputError(
            f"Listening on {host} without TLS would send passwords in the clear. Name --tls-cert and --tls-key, or say "
            "--behind-tls where a proxy speaks TLS, or --insecure-http if you mean it."
        )
    # One question is embedded as fast on one core as on two; with several askers, more threads only get in each
    # other's way.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    set_up()
    with Workspace.open(place.folder(), compact=True) as workspace:
        if not any(one.role == "admin" and one.is_active for one in workspace.people()):
            err.print("Nobody may sign in yet. Make the first admin: voc users add NAME --role admin")
        app = create_app(workspace, hosts=(*HOSTS, *(name or ()), *([host] if host not in LOOPBACK else [])), tls=tls)
        warm(app)
        err.print(f"{'https' if tls_cert else 'http'}://{f'[{host}]' if ':' in host else host}:{port}/")
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            ssl_certfile=tls_cert,
            ssl_keyfile=tls_key,
            log_config=LOG_CONFIG,
            access_log=False,
            server_header=False,
            proxy_headers=behind_tls,
            timeout_graceful_shutdown=20,
        )
        server = uvicorn.Server(config)
        app.state.streams.is_stopping = lambda: server.should_exit
        with contextlib.suppress(KeyboardInterrupt):
            server.run()
