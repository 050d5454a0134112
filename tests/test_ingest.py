import json

import pytest

from voc.errors import InputError, NotFoundError, SettingsError
from voc.ingest.guess import guess_mapping
from voc.ingest.mapping import parse_mapping
from voc.store import batches, feedback, search
from voc.store.filters import Filter

HEAD = "id,created,country,comment,stars,channel,depot,service,tracking_no\n"
GOOD = "1,2024-10-01 10:00:00,US,The parcel was left in the rain,1,app,NJ1,standard,VX123456789US\n"


def write(workspace, text, name="f.csv", encoding="utf-8"):
    path = workspace.services.paths.folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def stored(workspace):
    with workspace.services.database.read() as connection:
        units = search.found_units(connection, search.texts(connection, Filter()), Filter())
        return feedback.get(connection, sorted({unit.feedback_id for unit in units}))


def letters(workspace, report):
    with workspace.services.database.read() as connection:
        return batches.dead_letters(connection, batch_id=report.batch_id)


def test_reading_twice_changes_nothing(workspace):
    path = write(workspace, HEAD + GOOD)
    first, second = workspace.ingest(path), workspace.ingest(path)
    assert (first.tally.added, second.tally.added, second.tally.known) == (1, 0, 1)
    assert len(stored(workspace)) == 1


def test_an_edited_text_with_its_source_id_is_the_same_feedback(workspace):
    workspace.ingest(write(workspace, HEAD + GOOD))
    again = workspace.ingest(write(workspace, HEAD + GOOD.replace("rain", "snow")))
    assert again.tally.known == 1


def test_a_comment_is_stored_redacted_with_week_language_and_attributes(workspace):
    row = GOOD.replace("The parcel", "Write to jo@example.com. The parcel")
    workspace.ingest(write(workspace, HEAD + row))
    (one,) = stored(workspace)
    assert one.text == "Write to [EMAIL]. The parcel was left in the rain"
    assert (one.market, one.week, one.language, one.rating) == ("US", "2024-W40", "en", 1.0)
    assert one.attributes == {"depot": "NJ1", "service": "standard"}


def test_the_tracking_number_is_kept_as_a_keyed_hash_only(workspace):
    workspace.ingest(write(workspace, HEAD + GOOD))
    assert b"VX123456789US" not in (workspace.services.paths.store).read_bytes()
    assert [one.source_id for one in workspace.lookup("vx 123456789-us")] == ["1"]
    assert workspace.lookup("VX000") == ()


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        (GOOD.replace("2024-10-01 10:00:00", "yesterday"), "created_at", "not a date"),
        (GOOD.replace("2024-10-01", "0224-10-01"), "created_at", "year 224"),
        (GOOD.replace(",1,app", ",9,app"), "rating", "out of range; allowed: 1 to 5"),
        (GOOD.replace(",1,app", ",good,app"), "rating", "not allowed"),
        (GOOD.replace(",US,", ",XX,"), "market", "'XX' is not configured; configured: BR, DE"),
        (GOOD.replace("The parcel was left in the rain", "  "), "text", "text is empty"),
        (GOOD.replace("parcel", "par\x00cel"), None, "NUL byte"),
        (GOOD.replace("parcel", "x" * 5_000_000), None, "cell of 5,0"),
        ("1,2024-10-01\n", None, "2 cells where the header has 9"),
    ],
)
def test_a_bad_row_is_kept_apart_with_its_reason_and_the_good_one_is_taken(workspace, row, field, said):
    report = workspace.ingest(write(workspace, HEAD + GOOD.replace("1,", "2,", 1) + row))
    assert (report.tally.added, report.tally.rejected) == (1, 1)
    (letter,) = letters(workspace, report)
    assert letter.field == field
    assert said in letter.reason
    assert all(len(value) <= 200 for value in letter.row.values())


def test_dead_letters_are_redacted(workspace):
    row = GOOD.replace("The parcel", "jo@example.com").replace("2024-10-01", "soon")
    report = workspace.ingest(write(workspace, HEAD + GOOD.replace("1,", "2,", 1) + row))
    (letter,) = letters(workspace, report)
    assert "jo@example.com" not in json.dumps(dict(letter.row))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (HEAD.encode(), "Not one of the 0 rows"),
        ((HEAD + GOOD.replace("rain", "Stra\xdfe")).encode("cp1252"), "not utf-8 text"),
        (b"id,created,country,stars\n1,2024-10-01,US,1\n", "no column 'comment'"),
        (b"id,id\n1,2\n", "column 'id' twice"),
        ((HEAD + GOOD.replace(",US,", ",XX,")).encode(), "Not one of the 1 rows"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_stores_nothing(workspace, content, said):
    with pytest.raises(InputError, match=said):
        workspace.ingest(write(workspace, content))
    assert stored(workspace) == ()


def test_a_missing_file_and_a_strange_ending_are_named(workspace):
    with pytest.raises(NotFoundError, match="does not exist"):
        workspace.ingest("nowhere.csv")
    with pytest.raises(InputError, match=r"Allowed: \.csv"):
        workspace.ingest(write(workspace, "x", "f.pdf"))


def test_another_encoding_is_read_when_the_mapping_names_it(workspace):
    mapping = workspace.services.paths.mapping
    mapping.write_text(mapping.read_text().replace('encoding = "utf-8"', 'encoding = "cp1252"'))
    workspace.ingest(write(workspace, HEAD + GOOD.replace("rain", "Stra\xdfe"), encoding="cp1252"))
    assert "Stra\xdfe" in stored(workspace)[0].text


def test_json_lines_are_read_like_csv(workspace):
    good = {"id": 7, "created": "2024-10-01T10:00:00Z", "country": "DE", "comment": "Paket kam zu spät", "stars": 2}
    report = workspace.ingest(write(workspace, json.dumps(good) + "\nnot json\n[1]\n", "f.jsonl"))
    assert (report.tally.added, report.tally.rejected) == (1, 2)


def test_a_scale_where_one_is_best_is_turned_round(workspace):
    mapping = workspace.services.paths.mapping
    text = mapping.read_text().replace("lowest = 1 ", "lowest = 6 ").replace("highest = 5", "highest = 1")
    mapping.write_text(text)
    workspace.ingest(write(workspace, HEAD + GOOD.replace(",1,app", ",6,app")))
    assert stored(workspace)[0].rating == 1.0


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("source = ", "is not TOML"),
        ('source = "s"\n[columns]\ntext = "t"\ncreated_at = "c"', "set columns.market"),
        ('source = "s"\n[columns]\ntext = "t"\ncreated_at = "c"\nmarket = "m"\ncolour = "x"', "colour"),
        (
            'source = "s"\nsource_url = "http://x/{depot}"\n[columns]\ntext = "t"\ncreated_at = "c"\nmarket = "m"',
            "may name",
        ),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(toml, said):
    with pytest.raises(SettingsError, match=said):
        parse_mapping(toml, "mapping.toml")


def test_a_guess_reads_an_unknown_file(workspace):
    text = "Nr;Datum;Land;Kommentar;Sterne\n" + "".join(
        f"{n};{n:02d}.09.2024 10:00;DE;Das Paket kam leider viel zu spät und war nass {n};2\n" for n in range(1, 10)
    )
    found = guess_mapping(write(workspace, text), markets=("US", "DE"))
    mapping = parse_mapping(found.toml, "guess")
    columns = mapping.columns
    assert (columns.text, columns.created_at, columns.market) == ("Kommentar", "Datum", "Land")
    assert mapping.dates.format == "%d.%m.%Y %H:%M"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("XX,2024-W40,5", "'XX' is not configured"),
        ("US,2024-W99,5", "ISO week"),
        ("US,2024-W40,-5", "whole number"),
        ("US,2024-W40,many", "whole number"),
    ],
)
def test_a_figure_that_cannot_be_read_stores_nothing_of_its_file(workspace, row, said):
    with pytest.raises(InputError, match=said):
        workspace.ingest_figures(write(workspace, f"market,week,deliveries\nUS,2024-W39,100\n{row}\n"))
    from voc.store import exposure

    with workspace.services.database.read() as connection:
        assert exposure.deliveries(connection, first_week="2024-W01", last_week="2024-W52") == {}
