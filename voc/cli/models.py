"""`voc models`: list, pull and verify."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import out, progress_bars

if TYPE_CHECKING:
    from voc.settings import Settings

app = typer.Typer(no_args_is_help=True)


@app.command("list")
def list_models() -> None:
    """List the models that voc knows, with licence, size and what lies here."""
    from voc.models.pull import state
    from voc.models.registry import read_registry

    cache = _cache()
    out.print(f"Models are kept in {cache}")
    for model in read_registry().models:
        size = f"{model.bytes / 1e6:,.0f} MB"
        out.print(f"{model.id:<34} {model.kind:<8} {size:>9}  {model.licence:<11} {state(model, cache)}  {model.about}")


@app.command("pull")
def pull_models(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models; without a name, those that the settings need.")
    ] = None,
    hub: Annotated[bool, typer.Option("--hub", help="Take the original from the model hub.")] = False,
) -> None:
    """Bring models here; an interrupted pull goes on where it stopped."""
    from voc.models.pull import pull
    from voc.models.registry import read_registry

    registry = read_registry()
    wanted = [registry.get(name) for name in names or _needed()]
    with progress_bars() as announce:
        for model in wanted:
            folder = pull(model, _cache(), from_hub=hub, progress=announce(f"pull {model.id}"))
            out.print(f"{model.id}: {folder}")


@app.command("verify")
def verify_models(
    names: Annotated[list[str] | None, typer.Argument(help="Models; without a name, those needed.")] = None,
) -> None:
    """Read every byte of models and compare it with what is pinned; exit with 4 when one differs."""
    from voc.models.pull import verify
    from voc.models.registry import read_registry

    registry, wrong = read_registry(), False
    for name in names or _needed():
        found = verify(registry.get(name), _cache())
        wrong = wrong or bool(found.problems)
        out.print(f"{name}: {'; '.join(found.problems) or 'as pinned'}")
    if wrong:
        raise typer.Exit(4)


def _cache() -> Path:
    from voc.wiring import models_dir

    return models_dir(_settings(), os.environ)


def _needed() -> list[str]:
    from voc.settings import LLMSettings, ModelSettings

    settings = _settings()
    llm = settings.llm if settings else LLMSettings()
    encoder = settings.models.encoder if settings else ModelSettings().encoder
    return [encoder, *([llm.model] if llm.provider == "local" else [])]


def _settings() -> Settings | None:
    from voc.settings import CONFIG_NAME, read_settings

    folder = place.folder()
    return read_settings(folder, os.environ) if (folder / CONFIG_NAME).is_file() else None
