"""How a setting is declared: in the types that every form, file and environment variable can hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from singer_sdk import typing as th


def text(
    name: str, title: str, description: str, *, secret: bool = False, default: str | None = None
) -> th.Property[Any]:
    """Declare a setting that is a text.

    Args:
        name: Its name.
        title: What a form calls it.
        description: What it is for, in whole sentences.
        secret: Whether it must never be shown.
        default: What it is if it is not given.

    Returns:
        The declaration.
    """
    return th.Property(
        name, th.StringType(nullable=False), secret=secret, title=title, description=description, default=default
    )


def number(
    name: str,
    title: str,
    description: str,
    *,
    within: tuple[int, int],
    default: int | None = None,
) -> th.Property[Any]:
    """Declare a setting that is a whole number.

    Args:
        name: Its name.
        title: What a form calls it.
        description: What it is for, in whole sentences.
        within: The smallest and the largest value.
        default: What it is if it is not given.

    Returns:
        The declaration.
    """
    type_ = th.IntegerType(nullable=False, minimum=within[0], maximum=within[1])
    return th.Property(name, type_, title=title, description=description, default=default)


def flag(name: str, title: str, description: str, *, default: bool) -> th.Property[Any]:
    """Declare a setting that is true or false.

    Args:
        name: Its name.
        title: What a form calls it.
        description: What it is for, in whole sentences.
        default: What it is if it is not given.

    Returns:
        The declaration.
    """
    return th.Property(name, th.BooleanType(nullable=False), title=title, description=description, default=default)


def choice(
    name: str, title: str, description: str, *, values: Sequence[str], default: str | None = None
) -> th.Property[Any]:
    """Declare a setting that is one of a few words.

    Args:
        name: Its name.
        title: What a form calls it.
        description: What it is for, in whole sentences.
        values: The words.
        default: What it is if it is not given.

    Returns:
        The declaration.
    """
    type_ = th.StringType(nullable=False, allowed_values=list(values))
    return th.Property(name, type_, title=title, description=description, default=default)
