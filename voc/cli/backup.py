"""`voc backup` and `voc restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voc.cli import place
from voc.cli.output import err, out


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(file: Annotated[Path, typer.Argument(help="File to write, such as parcels-2024-10-07.tar.gz.")]) -> None:
    """Write the workspace to one file, while others go on; the search index is left out and can be rebuilt."""
    from voc.backup.write import check_target, write_backup
    from voc.store import backups

    with place.open_workspace() as workspace:
        services = workspace.services
        check_target(services.paths, file)
        with services.database.write() as connection:
            backups.begin(connection, services.stamp, file)
        done = write_backup(services.paths, services.database, file)
    out.print(f"Written: {done.file} ({done.files} files, {done.size / 1e6:,.1f} MB)")
    err.print("It holds customers' comments and the key of the workspace: keep it as you keep those.")
    if not done.store:
        err.print("The store lies in PostgreSQL and is not in it. Back that up too: pg_dump --format=custom")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    folder: Annotated[Path, typer.Argument(help="Folder to make, or an empty one.")],
) -> None:
    """Put a backup into a new folder; every file is checked first."""
    from voc.backup.restore import restore_backup

    done = restore_backup(file, folder)
    out.print(f"Restored: {done.folder} ({done.files} files, written by voc {done.voc})")
    out.print(f"Rebuild the search index: voc -C {done.folder} doctor --repair")
    if not done.store:
        err.print("The store lies in PostgreSQL: put it back by pg_restore, and name it in store.url of voc.toml.")
