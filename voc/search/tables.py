"""What a search gives as a table: hits for those who may read comments, counts of groups for those who may not."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from voc.errors import NotAllowedError
from voc.search.count import Count
from voc.search.export import Cell, Group, Table, withhold
from voc.search.result import COLUMNS, Hit, as_row
from voc.store.search import Found

GROUPED = ("market", "week", "theme")


def table_of_hits(hits: Iterable[Hit]) -> Table:
    """Return one row a hit; attributes are JSON text."""
    rows = [
        {**as_row(hit), "attributes": json.dumps(dict(hit.feedback.attributes), ensure_ascii=False)} for hit in hits
    ]
    return Table(COLUMNS, tuple(tuple(_cell(row[name]) for name in COLUMNS) for row in rows))


def table_of_groups(found: Sequence[Found], names: Mapping[str, str], *, k: int) -> Table:
    """Return how many different comments there are of each market, week and theme, groups below `k` withheld.

    Withholding looks at each market by itself and at all of it, so that no total of a market gives a group away.
    """
    members: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for unit in found:
        theme = "no theme" if unit.theme_id is None else names.get(unit.theme_id, unit.theme_id)
        members[unit.market, unit.week, theme].add(unit.same_as)
    rows: list[tuple[Cell, ...]] = []
    for market in sorted({keys[0] for keys in members}):
        groups = [Group(keys, len(texts)) for keys, texts in sorted(members.items()) if keys[0] == market]
        kept = withhold(groups, k=k)
        rows.extend((*group.keys, group.comments) for group in kept.shown)
        if kept.groups:
            rows.append((market, "", f"withheld, fewer than {k} comments each: {kept.groups}", kept.comments))
    return Table((*GROUPED, "different comments"), tuple(rows))


def for_viewer(found: Count, *, k: int) -> Count:
    """Return a count without what fewer than `k` comments make: values of facets, and weeks.

    Raises:
        NotAllowedError: fewer than `k` different comments match in all.
    """
    if found.different < k:  # copies of one comment are no crowd
        raise NotAllowedError(f"Fewer than {k} different comments match; the role viewer sees no smaller groups.")
    facets = {facet: _enough(values, k) for facet, values in found.facets.items()}
    home = found.home if found.home and found.home.comments >= k else None
    return replace(found, facets=facets, weeks=dict(sorted(_enough(found.weeks, k).items())), home=home)


def _enough(values: Mapping[str, int], k: int) -> dict[str, int]:
    kept = withhold([Group((value,), count) for value, count in values.items()], k=k)
    return {group.keys[0]: group.comments for group in kept.shown}


def _cell(value: object) -> Cell:
    return value if value is None or isinstance(value, str | int | float) else str(value)
