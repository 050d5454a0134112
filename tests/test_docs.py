"""Every command and every setting is documented, or this fails."""

import re
from pathlib import Path

import typer
from pydantic import BaseModel

from voc.cli.main import app
from voc.settings import MarketSettings, QuotaSettings, Settings, SourceSettings

ROOT = Path(__file__).resolve().parents[1]


def commands():
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        yield from ([f"voc {name} {one}" for one in inner] if inner else [f"voc {name}"])


TABLES = {"market": MarketSettings, "quota": QuotaSettings, "sources": SourceSettings}


def settings(model=Settings, section=""):
    for name, field in model.model_fields.items():
        kind = field.annotation
        inner = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        if inner is None and name in TABLES:
            inner = TABLES[name]
        if inner is not None:
            yield from settings(inner, name)
        else:
            yield section, name


def test_every_command_is_documented():
    text = (ROOT / "docs" / "commands.md").read_text()
    assert [one for one in commands() if f"`{one}" not in text] == []


def test_no_command_is_documented_that_does_not_exist():
    text = (ROOT / "docs" / "commands.md").read_text()
    told = re.findall(r"^\| `(voc [a-z]+(?: [a-z]+)?)", text, re.MULTILINE)
    assert told
    known = list(commands())
    assert [one for one in told if not any(one == each or one.startswith(each + " ") for each in known)] == []


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "settings.md").read_text()
    missing = [(section, name) for section, name in settings() if not re.search(rf"\| `{section}\.{name}` \|", text)]
    assert missing == []


def test_links_between_documents_lead_somewhere():
    for path in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
