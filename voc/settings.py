"""Settings of a workspace: `voc.toml`, with `VOC_*` environment variables above it.

Read once by the composition root; no room below reads settings, each takes what it needs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from voc.errors import InputError, SettingsError
from voc.scrub import password_in
from voc.types import Market

CONFIG_NAME = "voc.toml"
_ENVIRONMENT = {
    "VOC_DATABASE_URL": ("store", "url"),
    "VOC_MODELS_DIR": ("models", "folder"),
    "VOC_ENCODER": ("models", "encoder"),
    "VOC_LLM_PROVIDER": ("llm", "provider"),
    "VOC_LLM_MODEL": ("llm", "model"),
    "VOC_LLM_BASE_URL": ("llm", "base_url"),
}

Share = Annotated[float, Field(ge=0, le=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MarketSettings(_Section):
    """One `[[market]]` table."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_-]{1,15}$")
    name: str = Field(min_length=1, max_length=80)
    languages: tuple[str, ...] = Field(min_length=1)
    time_zone: str

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"'{name}' is not a time zone such as 'Europe/Paris'") from error
        return name


class WorkspaceSettings(_Section):
    """`[workspace]`: who reads, and how many comments make an aggregate."""

    name: str = "Voice of the customer"
    reader_language: str = "en"
    k: int = Field(default=5, ge=2, le=100)


class StoreSettings(_Section):
    """`[store]`: where the truth lies; empty is `.voc/store.sqlite` in the workspace."""

    url: str = ""


class ModelSettings(_Section):
    """`[models]`: which encoder, and the folder that models are kept in (empty: a cache folder of the user)."""

    encoder: str = "multilingual-e5-small"
    folder: str = ""


class LLMSettings(_Section):
    """`[llm]`: which model words things, and what a run may spend on it."""

    provider: Literal["local", "none", "openai-compatible", "hosted"] = "local"
    model: str = "qwen2.5-coder-1.5b-instruct-q4"
    base_url: str = ""
    api_key_variable: str = "VOC_LLM_API_KEY"
    timeout_s: float = Field(default=120, gt=0, le=3600)
    tokens_per_run: int = Field(default=400_000, ge=0)
    seconds_per_run: float = Field(default=1800, ge=0)
    translate_quotes: bool = False

    @model_validator(mode="after")
    def _complete(self) -> LLMSettings:
        if self.provider == "openai-compatible" and not self.base_url:
            raise ValueError("provider 'openai-compatible' needs base_url, such as http://127.0.0.1:8000/v1")
        return self


class ThemeSettings(_Section):
    """`[themes]`: how themes are found."""

    smallest: int = Field(default=8, ge=3, le=1000)
    least_feedback: int = Field(default=60, ge=20)
    fit_texts: int = Field(default=100_000, ge=1000)


class QuotaSettings(_Section):
    """One `[[quota]]` table: how many different comments of a source count in a market and week."""

    source: str = Field(min_length=1, max_length=200)
    per_week: int = Field(ge=1)


class SearchSettings(_Section):
    """`[search]`: the folder of a cross-encoder that reads the first hits again; empty is none."""

    reranker: str = ""


class ReportSettings(_Section):
    """`[report]`: how many weeks, themes and quotes are shown."""

    baseline_weeks: int = Field(default=8, ge=2, le=52)
    themes: int = Field(default=12, ge=3, le=50)
    quotes: int = Field(default=3, ge=1, le=10)


class ProposalSettings(_Section):
    """`[proposals]`: how many themes are drafted a run, and for which document."""

    document: str = "delivery"
    per_run: int = Field(default=3, ge=0, le=50)
    evidence: int = Field(default=16, ge=5, le=100)
    growth: float = Field(default=0.5, gt=0, le=10)
    smooth: bool = False


class ReviewSettings(_Section):
    """`[review]`: whether two people are needed, and whose answer (a name or a part) an approval needs."""

    four_eyes: bool = True
    consult: tuple[str, ...] = ()


class SourceSettings(_Section):
    """One `[sources.NAME]` table: a query of another database, and the column that it is read on by."""

    query: str = Field(min_length=1, max_length=20_000)
    url: str = ""
    url_env: str = ""
    cursor: str = ""
    start: datetime | date | int | float | str = "1970-01-01"
    mapping: str = ""

    @model_validator(mode="after")
    def _complete(self) -> SourceSettings:
        if bool(self.url) == bool(self.url_env):
            raise ValueError("set url_env (the environment variable with the address), or url when it has no password")
        if password_in(self.url):
            raise ValueError(
                "url holds a password; put the address into an environment variable and name it in url_env"
            )
        if bool(self.cursor) != (":cursor" in self.query):
            raise ValueError("cursor names the column that :cursor in the query stands for; set both or none")
        return self


class WebSettings(_Section):
    """`[web]`: how large an uploaded file may be, in megabytes."""

    upload_mb: int = Field(default=200, ge=1, le=10_000)


class RetentionSettings(_Section):
    """`[retention]`: after how many months comments are erased by `voc erase --expired`; 0 is never."""

    months: int = Field(default=0, ge=0, le=1200)


class MailSettings(_Section):
    """`[mail]`: the server that reports are sent through, to whom, and the variables with user and password."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "ssl", "none"] = "starttls"
    sender: str = ""
    to: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    user_variable: str = "VOC_MAIL_USER"
    password_variable: str = "VOC_MAIL_PASSWORD"  # noqa: S105  the name of a variable
    timeout_s: float = Field(default=30, gt=0, le=600)
    quotes: bool = True


class WebhookSettings(_Section):
    """`[webhook]`: the variable with the address of a chat, which is a secret."""

    url_variable: str = "VOC_REPORT_WEBHOOK"
    timeout_s: float = Field(default=10, gt=0, le=600)


class Settings(_Section):
    """Everything that a workspace sets."""

    workspace: WorkspaceSettings = WorkspaceSettings()
    store: StoreSettings = StoreSettings()
    models: ModelSettings = ModelSettings()
    llm: LLMSettings = LLMSettings()
    themes: ThemeSettings = ThemeSettings()
    search: SearchSettings = SearchSettings()
    report: ReportSettings = ReportSettings()
    proposals: ProposalSettings = ProposalSettings()
    review: ReviewSettings = ReviewSettings()
    web: WebSettings = WebSettings()
    retention: RetentionSettings = RetentionSettings()
    mail: MailSettings = MailSettings()
    webhook: WebhookSettings = WebhookSettings()
    sources: dict[str, SourceSettings] = {}
    market: tuple[MarketSettings, ...] = Field(min_length=1)
    quota: tuple[QuotaSettings, ...] = ()

    @model_validator(mode="after")
    def _codes_once(self) -> Settings:
        codes = [market.code for market in self.market]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"market {', '.join(twice)} stands more than once")
        if len(self.quotas) < len(self.quota):
            raise ValueError("a source has more than one quota")
        return self

    @property
    def quotas(self) -> dict[str, int]:
        """Return how many different comments of a source count in a market and week, by source."""
        return {one.source: one.per_week for one in self.quota}

    @property
    def markets(self) -> tuple[Market, ...]:
        """Return the markets as the rooms know them."""
        return tuple(Market(one.code, one.name, one.languages, one.time_zone) for one in self.market)

    def market_codes(self, only: str | None = None) -> tuple[str, ...]:
        """Return every market's code, or the one that was asked for.

        Raises:
            InputError: the market is not configured.
        """
        codes = tuple(market.code for market in self.market)
        if only is None:
            return codes
        if only not in codes:
            raise InputError(
                f"The market '{only}' is not configured. Configured: {', '.join(codes)}. Add a [[market]] table to "
                f"{CONFIG_NAME} to configure another."
            )
        return (only,)


def read_settings(folder: Path, environment: Mapping[str, str]) -> Settings:
    """Read `voc.toml` of a workspace folder and put `VOC_*` variables above it.

    Raises:
        SettingsError: the file is missing, is not TOML, or holds a value that is not allowed.
    """
    path = folder / CONFIG_NAME
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no {CONFIG_NAME} in {folder}. Make a workspace: voc init {folder}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}. Mend that line.") from error
    for name, (section, key) in _ENVIRONMENT.items():
        if environment.get(name):
            content.setdefault(section, {})[key] = environment[name]
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise SettingsError(f"{path} cannot be used: {_said(error)}") from error


def _said(error: ValidationError) -> str:
    problems = []
    for found in error.errors():
        place = ".".join(str(part) for part in found["loc"]) or "the file"
        problems.append(f"{place}: {found['msg'].removeprefix('Value error, ')}")
    return "; ".join(problems)
