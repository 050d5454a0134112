"""The tables, as SQLAlchemy Core sees them; the migrations build exactly these (a test compares them).

Times are ISO text in UTC ("2024-10-01T12:34:56.000000Z"), dates and weeks ISO text, so that both databases sort and
compare them alike. `actor` is on everything that is written.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from voc.store import (
    backfill_tables,
    erasure_tables,
    intake_tables,
    people_tables,
    report_tables,
    review_tables,
    run_tables,
    tables,
)
from voc.store.tables import feedback_ref as _feedback_ref
from voc.store.tables import metadata as metadata
from voc.store.tables import text_column as _text

clause, edition = tables.clause, tables.edition
proposal, proposal_event, gate_result = tables.proposal, tables.proposal_event, tables.gate_result
proposal_evidence, proposal_quote = tables.proposal_evidence, tables.proposal_quote
proposal_version, consultation = review_tables.proposal_version, review_tables.consultation
assessment, adoption = review_tables.assessment, review_tables.adoption
action, action_event = review_tables.action, review_tables.action_event
person, session = people_tables.person, people_tables.session
backfill_part = backfill_tables.backfill_part
run_progress, run_cancel = run_tables.run_progress, run_tables.run_cancel
api_token, failed_sign_in = people_tables.api_token, people_tables.failed_sign_in
weekly_report, report_quote = report_tables.weekly_report, report_tables.report_quote
report_edition, report_event = report_tables.report_edition, report_tables.report_event
report_sent = report_tables.report_sent
source_cursor, batch_check = intake_tables.source_cursor, intake_tables.batch_check
erasure = erasure_tables.erasure

workspace = Table("workspace", metadata, _text("key", key=True), _text("value"))

run = Table(
    "run",
    metadata,
    _text("id", key=True),
    _text("pipeline"),
    _text("week"),
    _text("config_hash"),
    _text("state"),  # running, done, failed
    _text("started_at"),
    _text("finished_at", null=True),
    _text("actor"),
    Column("manifest", JSON, nullable=False),
    _text("error", null=True),
)

step = Table(
    "step",
    metadata,
    Column("run_id", Text, ForeignKey("run.id"), primary_key=True),
    _text("name", key=True),
    Column("ordinal", Integer, nullable=False),
    _text("state"),
    _text("started_at"),
    _text("finished_at", null=True),
    Column("seconds", Float),
    Column("peak_bytes", BigInteger),
    Column("result", JSON, nullable=False),
    _text("error", null=True),
)

lease = Table(
    "lease", metadata, _text("name", key=True), _text("holder"), _text("actor"), _text("taken_at"), _text("beat_at")
)

batch = Table(
    "batch",
    metadata,
    _text("id", key=True),
    _text("kind"),  # feedback, deliveries, signals
    _text("file_name"),
    _text("sha256"),
    _text("mapping_hash"),
    Column("rows", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("suppressed", Integer, nullable=False),
    _text("actor"),
    _text("at"),
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("batch_id", Text, ForeignKey("batch.id", ondelete="CASCADE"), nullable=False),
    Column("row_number", Integer, nullable=False),
    _text("field", null=True),
    _text("reason"),
    Column("row", JSON, nullable=False),  # redacted, cut to a readable length
    UniqueConstraint("batch_id", "row_number"),
)

feedback = Table(
    "feedback",
    metadata,
    _text("id", key=True),
    _text("source"),
    _text("source_id"),
    _text("revision"),
    _text("market"),
    _text("created_at"),
    _text("week"),
    _text("language"),
    _text("channel"),
    Column("rating", Float),
    _text("text"),
    _text("text_hash"),
    Column("attributes", JSON, nullable=False),
    _text("source_url"),
    Column("batch_id", Text, ForeignKey("batch.id"), nullable=False),
    _text("actor"),
    _text("at"),
    Index(None, "week", "market"),
    Index(None, "text_hash"),
)

lookup = Table(  # tracking and order numbers, kept only as keyed hashes
    "lookup",
    metadata,
    _feedback_ref(),
    _text("kind", key=True),
    _text("keyed_hash", key=True),
    Index(None, "keyed_hash"),
)

suppression = Table("suppression", metadata, _text("feedback_id", key=True), _text("actor"), _text("at"))

unit = Table(
    "unit",
    metadata,
    _text("id", key=True),
    Column("feedback_id", Text, ForeignKey("feedback.id", ondelete="CASCADE"), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    _text("text_hash"),
    UniqueConstraint("feedback_id", "start", "end"),
    Index(None, "text_hash"),
)

undecided = Table(  # units that no run has decided on, so that a run need not look at all of history
    "undecided",
    metadata,
    Column("unit_id", Text, ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True, nullable=False),
)

text_copy = Table(  # a text that says the same as an earlier one: both count as one
    "text_copy",
    metadata,
    _text("text_hash", key=True),
    _text("first_hash"),
    _text("actor"),
    _text("at"),
    Index(None, "first_hash"),
)

beyond_quota = Table("beyond_quota", metadata, _feedback_ref())  # kept and shown, but counted nowhere

vector_block = Table(  # one append to a segment file of vectors
    "vector_block",
    metadata,
    _text("model_id", key=True),
    Column("segment", Integer, primary_key=True),
    Column("first_row", Integer, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("dim", Integer, nullable=False),
    _text("sha256"),
    _text("actor"),
    _text("at"),
)

vector = Table(
    "vector",
    metadata,
    _text("model_id", key=True),
    _text("text_hash", key=True),
    Column("segment", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    UniqueConstraint("model_id", "segment", "row"),
)

theme_fit = Table(  # the space that themes live in: how vectors are centred and projected
    "theme_fit",
    metadata,
    _text("id", key=True),
    _text("model_id"),
    Column("run_id", Text, ForeignKey("run.id"), nullable=False),
    Column("config", JSON, nullable=False),
    Column("space", LargeBinary, nullable=False),  # npz without objects
    _text("sha256"),
    _text("actor"),
    _text("at"),
)

theme = Table(
    "theme",
    metadata,
    _text("id", key=True),
    Column("fit_id", Text, ForeignKey("theme_fit.id"), nullable=False),
    _text("born_week"),
    _text("state"),  # active, dormant, merged, split
    Column("centroid", LargeBinary, nullable=False),  # float32 in the space of the fit
    Column("threshold", Float, nullable=False),
    _text("actor"),
    _text("at"),
    Column("locked", Integer, nullable=False, server_default="0"),  # the machine may not end it
    Column("muted", Integer, nullable=False, server_default="0"),  # not shown and not alarmed
    _text("into", null=True),  # the theme that it was merged into
    _text("group_id", null=True),
)

theme_group = Table(  # the upper of two levels
    "theme_group", metadata, _text("id", key=True), _text("born_week"), _text("name"), _text("actor"), _text("at")
)

theme_event = Table(  # the ledger: append-only
    "theme_event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("theme_id", Text, ForeignKey("theme.id"), nullable=False),
    _text("kind"),  # born, continued, split, merged, dormant, revived, renamed
    _text("week"),
    Column("run_id", Text, ForeignKey("run.id")),
    Column("parents", JSON, nullable=False),
    Column("children", JSON, nullable=False),
    Column("members", Integer, nullable=False),
    Column("score", Float),
    _text("why"),
    _text("actor"),
    _text("at"),
    UniqueConstraint("theme_id", "kind", "week", "run_id"),
)

assignment = Table(
    "assignment",
    metadata,
    Column("unit_id", Text, ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True),
    Column("theme_id", Text, ForeignKey("theme.id")),
    Column("score", Float, nullable=False),
    Column("nearest_theme_id", Text, ForeignKey("theme.id")),
    _text("polarity"),
    _text("polarity_method"),
    Column("run_id", Text, ForeignKey("run.id"), nullable=False),
    _text("actor"),
    _text("at"),
    Column("method", Text, nullable=False, server_default="machine"),  # machine, person
    Column("polarity_score", Float),  # the probability of the polarity; none where it was not learned
    Index(None, "theme_id"),
)

label = Table(  # the newest version of a theme and language counts
    "label",
    metadata,
    Column("theme_id", Text, ForeignKey("theme.id"), primary_key=True),
    _text("language", key=True),
    Column("version", Integer, primary_key=True),
    _text("name"),
    _text("summary"),
    Column("keywords", JSON, nullable=False),
    _text("method"),  # keywords, llm, person
    _text("answer_key", null=True),
    _text("basis_hash"),  # hash of what the label was made from
    Column("run_id", Text, ForeignKey("run.id")),
    _text("actor"),
    _text("at"),
    Column("faithfulness", Float),  # share of members nearer to this name than to the nearest theme's
)

label_feedback = Table(
    "label_feedback",
    metadata,
    _text("theme_id", key=True),
    _text("language", key=True),
    Column("version", Integer, primary_key=True),
    _feedback_ref(),
)

exposure = Table(
    "exposure",
    metadata,
    _text("market", key=True),
    _text("week", key=True),
    Column("deliveries", Integer, nullable=False),
    Column("batch_id", Text, ForeignKey("batch.id"), nullable=False),
    _text("actor"),
    _text("at"),
)

signal = Table(
    "signal",
    metadata,
    _text("market", key=True),
    _text("week", key=True),
    _text("attribute", key=True),  # "" or "depot=B3"
    _text("name", key=True),
    Column("value", Float, nullable=False),
    Column("batch_id", Text, ForeignKey("batch.id"), nullable=False),
    _text("actor"),
    _text("at"),
)

llm_answer = Table(  # the answer cache: plain text, never code
    "llm_answer",
    metadata,
    _text("key", key=True),
    _text("prompt_name"),
    _text("prompt_version"),
    _text("prompt_hash"),
    _text("model_id"),
    Column("params", JSON, nullable=False),
    _text("answer"),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    _text("actor"),
    _text("at"),
)

llm_answer_feedback = Table(
    "llm_answer_feedback",
    metadata,
    Column("key", Text, ForeignKey("llm_answer.key", ondelete="CASCADE"), primary_key=True),
    _feedback_ref(),
)

saved_search = Table(  # a question that people keep, with its filter as they wrote it
    "saved_search",
    metadata,
    _text("name", key=True),
    _text("text"),
    _text("mode"),
    Column("asked", JSON, nullable=False),
    _text("actor"),
    _text("at"),
)

saved_search_seen = Table(  # what a saved search has shown
    "saved_search_seen",
    metadata,
    Column("name", Text, ForeignKey("saved_search.name"), primary_key=True),
    _feedback_ref(),
)

audit = Table(  # hash-chained; ids and keyed hashes only, never text of feedback
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("subject"),
    Column("detail", JSON, nullable=False),
    _text("previous"),
    Column("hash", String(64), nullable=False),
)
