"""Switch off what libraries would send home: comments of customers go nowhere that nobody configured.

LangSmith in particular sends whole prompts as soon as a variable, set for some other program, says so.
"""

from __future__ import annotations

import os
from typing import Final

OFF: Final = {
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Variables that are set whatever stands in them: tracing by LangChain, usage reports of Hugging Face and Ray."""

USUAL: Final = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
"""Variables that are set where nobody did: models come from the cache of voc, never from a hub by themselves."""


def keep_quiet() -> None:
    """Set them for this process and those that it starts."""
    os.environ.update(OFF)
    for name, value in USUAL.items():
        os.environ.setdefault(name, value)
