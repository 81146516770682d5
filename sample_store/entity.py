"""What the store knows of a list: where it is, what it is keyed and filtered by, who may read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """One list of the API.

    Args:
        name: What the store and its tests call it.
        path: Address below `/rest/<store>/V1/`.
        resource: The ACL resource a role needs.
        key_column: Column to filter and sort by; unique.
        key_field: The same in the JSON, None where the API hides it.
        time_column: Column that moves with changes, None where there is none.
        created_column: Column with the time of creation.
        columns: Further columns to filter by; they read the JSON's field of the same name.
        aliases: Columns whose field in the JSON has another name.
        eav: Attributes in tables of their own: an unknown filter is a 400, an unknown sort ignored.
        text_key: The key is text, not a number.
        optional_criteria: Whether `searchCriteria` may be left out.
        single: Address of one row with `{}` for its key or field, None where there is none.
        single_field: The field `single` asks for.
        missing: What the 404 for one row says.
        bare: The response is the array of the rows alone, without criteria and count around it.
    """

    name: str
    path: str
    resource: str
    key_column: str
    key_field: str | None
    time_column: str | None = None
    created_column: str | None = None
    columns: frozenset[str] = frozenset()
    aliases: tuple[tuple[str, str], ...] = ()
    eav: bool = False
    text_key: bool = False
    optional_criteria: bool = False
    single: str | None = None
    single_field: str | None = None
    missing: str = "The entity that was requested doesn't exist. Verify the entity and try again."
    bare: bool = False
