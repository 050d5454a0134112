"""Folders, patterns and object stores: parts are read once, bad ones are told, and no key is ever printed."""

import logging
import os

import fsspec
import pyarrow as pa
import pytest
from conftest import BARE
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from voc.cli import main
from voc.errors import InputError, NotFoundError
from voc.ingest import remote
from voc.ingest.load import IngestReport
from voc.ingest.parts import Failed, Known
from voc.scrub import scrub, scrub_url

MAPPING = """source = "panel"
[columns]
source_id = "id"
text = "comment"
created_at = "created"
[constants]
market = "US"
"""


def rows(first, count, **more):
    return [
        {"id": f"p{number}", "comment": f"Left in the rain {number}", "created": "2024-10-01", **more}
        for number in range(first, first + count)
    ]


def part(path, found, **more):
    parquet.write_table(pa.Table.from_pylist(found), path, **more)
    return path


@pytest.fixture
def panel(workspace):
    mapping = workspace.services.paths.folder / "panel.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    return lambda source, **more: list(workspace.ingest_many(str(source), mapping=mapping, **more))


@pytest.fixture
def bucket():
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]
    yield MemoryFileSystem()
    MemoryFileSystem.store.clear()


def put(bucket, path, found):
    with bucket.open(path, "wb") as file:
        parquet.write_table(pa.Table.from_pylist(found), file)


def test_parts_of_a_folder_are_read_once_and_changed_ones_again(tmp_path, panel):
    folder = tmp_path / "in"
    folder.mkdir()
    part(folder / "a.parquet", rows(0, 3))
    part(folder / "b.parquet", rows(3, 2))
    (folder / "_SUCCESS").write_text("")
    assert [one.tally.added for one in panel(folder)] == [3, 2]
    part(folder / "b.parquet", rows(3, 4))
    first, second = panel(folder / "*.parquet")
    assert isinstance(first, Known)
    assert (second.tally.added, second.tally.known) == (2, 2)
    assert [one.tally.known for one in panel(folder, again=True)] == [3, 4]


def test_part_that_was_only_touched_is_known_by_its_hash(tmp_path, panel):
    folder = tmp_path / "in"
    folder.mkdir()
    path = part(folder / "a.parquet", rows(0, 3))
    panel(folder)
    os.utime(path, (1, 1))
    assert isinstance(panel(folder)[0], Known)


def test_later_part_of_another_schema_is_told_and_the_others_are_read(tmp_path, panel):
    folder = tmp_path / "in"
    folder.mkdir()
    part(folder / "a.parquet", rows(0, 3))
    part(folder / "b.parquet", [{"id": "1", "body": "x"}])
    part(folder / "c.parquet", rows(3, 2))
    first, second, third = panel(folder)
    assert (first.tally.added, third.tally.added) == (3, 2)
    assert "no column 'comment'" in second.reason
    assert "b.parquet" in second.reason
    assert isinstance(panel(folder)[1], Failed)


def test_damaged_row_group_keeps_what_was_read_before_and_the_part_is_not_known(tmp_path, panel, workspace):
    folder = tmp_path / "in"
    folder.mkdir()
    path = part(folder / "a.parquet", rows(0, 3000), row_group_size=1000, compression="gzip")
    meta = parquet.ParquetFile(path).metadata.row_group(2).column(1)
    data = bytearray(path.read_bytes())
    start = meta.dictionary_page_offset or meta.data_page_offset
    data[start + 40 : start + meta.total_compressed_size] = b"\xff" * (meta.total_compressed_size - 40)
    path.write_bytes(data)
    (done,) = panel(folder)
    assert "is damaged after row 2,000" in done.reason
    assert sum(workspace.holdings_now().comments.values()) >= 1000
    part(path, rows(0, 3000))
    assert panel(folder)[0].tally.rows == 3000


def test_address_is_read_by_pattern_folder_and_name(bucket, panel):
    put(bucket, "/b/x/1.parquet", rows(0, 2))
    put(bucket, "/b/x/2.parquet", rows(2, 2))
    put(bucket, "/b/y/3.parquet", rows(4, 1))
    assert [one.tally.added for one in panel("memory://b/x/*.parquet")] == [2, 2]
    assert [one.tally.added for one in panel("memory://b") if isinstance(one, IngestReport)] == [1]
    assert isinstance(panel("memory://b/y/3.parquet")[0], Known)


class Watched(MemoryFileSystem):
    """A memory of files with versions, which counts what is opened, and refuses what it is told to."""

    protocol = "watched"
    opened = []
    error = None
    cachable = False

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.replace("watched://", "memory://"))

    def info(self, path, **more):
        if self.error:
            raise self.error
        found = dict(super().info(path, **more))
        return found | ({"ETag": found["size"]} if found["type"] == "file" else {})

    def _open(self, path, *more, **most):
        self.opened.append(path)
        return super()._open(path, *more, **most)

    def find(self, path, **more):
        return {one: self.info(one) for one in super().find(path)}

    def glob(self, path, **more):
        return {one: self.info(one) for one in super().glob(path)}


@pytest.fixture
def watched(bucket, monkeypatch):
    fsspec.register_implementation("watched", Watched, clobber=True)
    monkeypatch.setattr(Watched, "opened", [])
    monkeypatch.setattr(Watched, "error", None)
    return Watched


def test_known_file_is_not_downloaded_again(bucket, watched, panel):
    put(bucket, "/b/1.parquet", rows(0, 2))
    assert panel("watched://b/*.parquet")[0].tally.added == 2
    assert watched.opened == ["/b/1.parquet"]
    assert isinstance(panel("watched://b/*.parquet")[0], Known)
    assert watched.opened == ["/b/1.parquet"]


class ClientError(Exception):
    """What a provider's library raises."""


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (PermissionError("Forbidden"), InputError, "may not be read: the credentials are wrong"),
        (ClientError("An error occurred (AccessDenied): no"), InputError, "may not list and read"),
        (ClientError("SignatureDoesNotMatch: key AKIA123"), InputError, "credentials are wrong"),
        (ClientError("Server failed. ErrorCode:AuthorizationFailure"), InputError, "credentials are wrong"),
        (ClientError("ErrorCode:AuthorizationPermissionMismatch"), InputError, "may not list and read"),
        (ClientError("Invalid Credentials, 401"), InputError, "credentials are wrong"),
        (FileNotFoundError("The specified bucket does not exist"), NotFoundError, "does not exist"),
        (ClientError("NoSuchBucket"), NotFoundError, "does not exist"),
        (ClientError("Unable to locate credentials"), InputError, "no credentials were found"),
        (OSError("connection to https://u:t0p-s3cret@h/x?sig=t0p-s3cret timed out"), InputError, "OSError"),
        (ClientError("broken: secret_key=t0p-s3cret, token: 't0p-s3cret'"), InputError, "ClientError"),
    ],
)
def test_refusal_of_a_provider_is_told_for_people_and_without_keys(watched, error, kind, said, monkeypatch):
    monkeypatch.setattr(watched, "error", error)
    with pytest.raises(kind, match=said) as told:
        remote.listing("watched://key:t0p-s3cret@b/x.parquet?token=t0p-s3cret")
    assert "t0p-s3cret" not in str(told.value)
    assert "AKIA" not in str(told.value)
    assert told.value.__suppress_context__


@pytest.mark.parametrize("library", ["gcsfs", "azure.identity._internal", "google.auth", "s3fs"])
def test_what_a_providers_library_logs_does_not_reach_the_command_line(bucket, watched, capsys, monkeypatch, library):
    put(bucket, "/b/1.parquet", rows(0, 1))
    monkeypatch.setattr(logging.root, "handlers", [])
    logging.getLogger("of.nobody").warning("heard")
    remote.listing("watched://b/1.parquet")
    logging.getLogger(library).error("a whole traceback")
    assert capsys.readouterr().err == "heard\n"


def test_file_beyond_the_limit_is_refused_and_its_copy_taken_away(bucket, panel, workspace, monkeypatch):
    put(bucket, "/b/1.parquet", rows(0, 200))
    monkeypatch.setattr(remote, "MAX_FILE_BYTES", 1000)
    monkeypatch.setattr(remote, "_CHUNK", 100)
    (done,) = panel("memory://b/1.parquet")
    assert "more than 1,000 bytes" in done.reason
    assert not list(workspace.services.paths.private.glob("incoming-*"))


def test_address_without_files_and_too_many_files_are_told(bucket, panel, monkeypatch):
    put(bucket, "/b/1.parquet", rows(0, 1))
    put(bucket, "/b/2.parquet", rows(1, 1))
    with pytest.raises(NotFoundError, match="no file to read"):
        panel("memory://b/*.csv")
    with pytest.raises(NotFoundError, match="does not exist"):
        panel("memory://nowhere/1.parquet")
    monkeypatch.setattr(remote, "MAX_FILES", 1)
    with pytest.raises(InputError, match="at most 1 are read"):
        panel("memory://b")


@pytest.mark.parametrize(("url", "how"), [("gs://b/x.csv", r"voc\[gs\]"), ("abfs://b/x.csv", r"voc\[az\]")])
def test_missing_package_says_what_to_install(monkeypatch, url, how):
    def missing(*_, **__):
        raise ImportError("Please install x to access it")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(InputError, match=f"pip install 'voc.*{how}|pip install '{how}"):
        remote.listing(url)


def test_command_tells_failed_parts_and_ends_with_2(tmp_path, workspace, monkeypatch, capsys):
    folder = tmp_path / "in"
    folder.mkdir()
    part(folder / "a.parquet", rows(0, 3))
    (folder / "b.parquet").write_bytes(b"no parquet")
    workspace.services.paths.mapping.write_text(MAPPING)
    for name, value in BARE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("VOC_WORKSPACE", "")
    monkeypatch.setattr("sys.argv", ["voc", "-C", str(workspace.services.paths.folder), "ingest", str(folder)])
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert "a.parquet: 3 rows, 3 new" in told.out
    assert "no sound Parquet" in told.err


@given(
    user=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8),
    secret=st.text(st.characters(categories=["L", "N"]), min_size=6, max_size=12).map("zq".__add__),
)
def test_no_secret_of_an_address_survives(user, secret):
    url = f"s3://{user}:{secret}@bucket/a.csv?sig={secret}#{secret}"
    assert secret not in scrub_url(url)
    assert secret not in scrub(f"cannot open '{url}', password={secret}; secret_access_key: {secret}")


# A real server that speaks S3 (moto)


@pytest.fixture(scope="module")
def s3():
    from moto.server import ThreadedMotoServer

    found = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    found.start()
    host, port = found.get_host_and_port()
    yield f"http://{host}:{port}"
    found.stop()


@pytest.fixture
def s3_keys(s3, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "t0p-s3cret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    import boto3

    return boto3.client("s3")


def _boto_put(client, bucket, key, path):
    client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())


@pytest.mark.enable_socket
def test_bucket_is_read_by_pattern_and_known_files_are_passed_by(s3_keys, tmp_path, panel):
    s3_keys.create_bucket(Bucket="voices")
    _boto_put(s3_keys, "voices", "in/1.parquet", part(tmp_path / "1.parquet", rows(0, 2)))
    assert [one.tally.added for one in panel("s3://voices/in/*.parquet")] == [2]
    _boto_put(s3_keys, "voices", "in/2.parquet", part(tmp_path / "2.parquet", rows(2, 3)))
    first, second = panel("s3://voices/in")
    assert isinstance(first, Known)
    assert second.tally.added == 3


@pytest.mark.enable_socket
def test_bucket_that_is_not_there_is_told(s3_keys):
    with pytest.raises(NotFoundError, match=r"s3://nowhere/x.parquet does not exist"):
        remote.listing("s3://nowhere/x.parquet")


@pytest.mark.enable_socket
@pytest.mark.filterwarnings("default")
def test_wrong_keys_and_a_bucket_without_permission_are_told(s3, s3_keys, tmp_path, monkeypatch):
    import boto3
    import requests

    s3_keys.create_bucket(Bucket="closed")
    _boto_put(s3_keys, "closed", "1.parquet", part(tmp_path / "1.parquet", rows(0, 1)))
    iam = boto3.client("iam")
    iam.create_user(UserName="nobody")
    key = iam.create_access_key(UserName="nobody")["AccessKey"]
    requests.post(f"{s3}/moto-api/reset-auth", data="0", timeout=5)  # from now on permissions are looked at
    try:
        with pytest.raises(InputError, match="credentials are wrong, or may not list") as wrong:
            remote.listing("s3://closed/1.parquet")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        with pytest.raises(InputError, match="may not list and read") as denied:
            remote.listing("s3://closed/1.parquet")
    finally:
        requests.post(f"{s3}/moto-api/reset-auth", data="inf", timeout=5)
    for told in (str(wrong.value), str(denied.value)):
        assert "AKIA" not in told
        assert key["SecretAccessKey"] not in told
