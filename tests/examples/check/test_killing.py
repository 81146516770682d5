"""Which requests tell that a shard is being read."""

from __future__ import annotations

import pytest

from examples.check.killing import _is_of
from tap_magento.reading.shards import BLOCK


@pytest.mark.parametrize(
    ("keys", "is_of_the_second"),
    [
        ((BLOCK, BLOCK + 1), True),
        ((9 * BLOCK, 9 * BLOCK + 1), True),
        ((1, 2), False),
        ((BLOCK,), False),  # what another shard looked for
        (("a", "b"), False),
    ],
)
def test_a_page_is_of_the_shard_whose_block_it_is_in(keys: tuple[int | str, ...], is_of_the_second: bool) -> None:  # noqa: FBT001
    assert _is_of(keys, 2, 8) == is_of_the_second
