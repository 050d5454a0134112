"""How large a zip file really is once it is unpacked, whatever it says itself."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from voc.errors import InputError

MAX_PARTS: Final = 10_000
_CHUNK: Final = 1 << 20
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")


def check_inflated(path: Path, *, most: int) -> None:
    """Refuse a zip file whose parts unpack to more than `most` bytes; a few kilobytes can hold terabytes.

    The stream of each part is unpacked and counted, a megabyte at a time, for the sizes in a zip file's directory are
    what its maker wrote there.

    Raises:
        InputError: it is larger, or no sound zip file.

    Source: Fifield, "A better zip bomb", WOOT 2019.
    """
    try:
        with path.open("rb") as raw, zipfile.ZipFile(raw) as packed:
            parts = packed.infolist()
            if len(parts) > MAX_PARTS:
                raise InputError(f"{path} has {len(parts):,} parts inside; at most {MAX_PARTS:,} are opened.")
            left = most
            for part in parts:
                left -= _inflated(raw, part, left)
                if left < 0:
                    raise InputError(
                        f"{path} unpacks to more than {most:,} bytes and is not opened. Export it as CSV, or in parts."
                    )
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError) as error:
        raise InputError(f"{path} is damaged or no file of its kind ({error}). Export it again.") from error


def _inflated(raw: BinaryIO, part: zipfile.ZipInfo, most: int) -> int:
    """Return how many bytes a part unpacks to; counting ends soon after `most`."""
    raw.seek(part.header_offset)
    magic, name, extra = _LOCAL_HEADER.unpack(raw.read(_LOCAL_HEADER.size))
    if magic != b"PK\x03\x04":
        raise zipfile.BadZipFile("a part is not where its directory says")
    raw.seek(name + extra, 1)
    if part.compress_type == zipfile.ZIP_STORED:
        return part.compress_size
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile("a part is packed in a way that is not known here")
    unpack, left, total = zlib.decompressobj(-zlib.MAX_WBITS), part.compress_size, 0
    while left > 0 and total <= most and not unpack.eof:
        chunk = raw.read(min(_CHUNK, left))
        if not chunk:
            raise zipfile.BadZipFile("it ends too soon")
        left -= len(chunk)
        while chunk and total <= most:
            total += len(unpack.decompress(chunk, _CHUNK))
            chunk = unpack.unconsumed_tail
    return total
