"""What the terminal shows: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

Advance = Callable[[int, int], None]


@contextlib.contextmanager
def progress_bars() -> Iterator[Callable[[str], Advance]]:
    """Yield a function that announces a step and returns where its progress goes; on a dumb terminal, plain lines."""
    if not err.is_terminal:
        yield _plain_lines
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=False) as bars:

        def announce(step: str) -> Advance:
            for one in bars.tasks:
                bars.update(one.id, total=one.total or 1, completed=one.total or 1)
                bars.stop_task(one.id)
            task = bars.add_task(step, total=None)

            def advance(done: int, total: int) -> None:
                bars.update(task, completed=done, total=total or None)

            return advance

        yield announce


def _plain_lines(step: str) -> Advance:
    err.print(f"{step} ...")
    shown = -1

    def advance(done: int, total: int) -> None:
        nonlocal shown
        tenth = 10 * done // total if total else done // 10_000
        if tenth > shown:
            shown = tenth
            err.print(f"  {done} of {total}" if total else f"  {done}")

    return advance
