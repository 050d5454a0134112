"""`voc proposals pack`: everything about a proposal in one file, for the meeting that decides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voc.cli import place
from voc.cli.output import err, out

if TYPE_CHECKING:
    from voc.proposals.pack_model import Pack


def pack(
    proposal_id: Annotated[str, typer.Argument(help="Its id, or the beginning of it.")],
    to: Annotated[Path, typer.Option("--to", help="The file to write: FILE.pdf or FILE.docx.")],
) -> None:
    """Write the decision pack of a proposal as PDF, or as Word file in which the change can be accepted or rejected."""
    from voc.errors import InputError
    from voc.files import write_atomic

    ending = to.suffix.lower()
    if ending not in (".pdf", ".docx"):
        raise InputError(f"'{to.name}' is neither a .pdf nor a .docx file. Name one of them: --to pack.pdf")
    with place.open_workspace() as workspace:
        found = workspace.decision_pack(proposal_id)
    data = _written(found, ending)
    try:
        write_atomic(to, data)
    except OSError as error:
        raise InputError(f"{to} cannot be written: {error.strerror}. Name a file where you may write.") from error
    out.print(f"Written: {to}")


def _written(found: Pack, ending: str) -> bytes:
    if ending == ".pdf":
        from voc.proposals.pack_pdf import boxes, pack_pdf

        if missing := boxes(found):
            err.print(
                f"Note: no font of this machine has {', '.join(missing)}; they are boxes in the PDF. Install fonts "
                "(Debian: fonts-noto), or write FILE.docx, which is shown with the reader's fonts."
            )
        return pack_pdf(found)
    from voc.proposals.pack_word import pack_docx

    return pack_docx(found)
