"""Prompts as files: TOML front matter, then `# system` and `# user`, with `$name` variables and no logic."""

from __future__ import annotations

import hashlib
import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voc.errors import SettingsError
from voc.llm.protocol import Message
from voc.resources import prompts_dir

_FILE: Final = re.compile(
    r"\A\+\+\+\n(?P<front>.*?)\n\+\+\+\n+# system\n(?P<system>.*?)\n# user\n(?P<user>.*)\Z", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file; `hash` is of its bytes, `output` names the model of its answer."""

    name: str
    version: str
    inputs: tuple[str, ...]
    output: str
    temperature: float
    max_tokens: int
    system: str
    user: str
    hash: str

    def render(self, values: Mapping[str, str]) -> tuple[Message, ...]:
        """Return the messages; values are put in once and never scanned again.

        Raises:
            SettingsError: a variable is missing or was not declared.
        """
        wanted, given = set(self.inputs), set(values)
        if wanted != given:
            missing, unknown = sorted(wanted - given), sorted(given - wanted)
            raise SettingsError(f"Prompt '{self.name}' lacks {missing} and does not know {unknown}.")
        return (
            Message("system", string.Template(self.system).substitute(values)),
            Message("user", string.Template(self.user).substitute(values)),
        )


def read_prompt(name: str, folder: Path | None = None) -> Prompt:
    """Read a prompt of the folder that ships with voc, or of another.

    Raises:
        SettingsError: the file is missing or is not a prompt.
    """
    path = (folder or prompts_dir()) / f"{name}.md"
    try:
        data = path.read_bytes()
        match = _FILE.match(data.decode())
        front = tomllib.loads(match["front"]) if match else {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"The prompt {path} cannot be read: {error}.") from error
    if match is None:
        raise SettingsError(f"{path} is not a prompt: it needs +++ front matter +++, '# system' and '# user'.")
    system, user = match["system"].strip(), match["user"].strip()
    inputs = tuple(front.get("inputs", ()))
    used = {*string.Template(system).get_identifiers(), *string.Template(user).get_identifiers()}
    if used != set(inputs) or front.get("name") != name:
        raise SettingsError(f"{path} declares {sorted(inputs)} but uses {sorted(used)}, or its name is not '{name}'.")
    try:
        return Prompt(
            name,
            str(front["version"]),
            inputs,
            str(front["output"]),
            float(front["temperature"]),
            int(front["max_tokens"]),
            system,
            user,
            hashlib.sha256(data).hexdigest(),
        )
    except KeyError as error:
        raise SettingsError(f"{path} does not say {error}.") from error
