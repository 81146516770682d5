"""The table of personal data says what the bundled schemas mark."""

from __future__ import annotations

from scripts.personal_data_reference import personal_data_table


def test_nested_streams_are_told_with_their_own_fields() -> None:
    lines = list(personal_data_table())
    assert "| `order_status_histories` | text | null | `comment` |" in lines
    assert any(line.startswith("| `customers` | email | pseudonym | `email`") for line in lines)
    assert not any("parent_item." in line for line in lines)
    assert not any(line.startswith("| `products` |") for line in lines)
