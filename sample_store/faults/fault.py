"""One thing that goes wrong, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from sample_store.tables import Key
    from sample_store.wire import Call

Replacement = Literal[
    "too_many_requests",
    "server_error",
    "memory",
    "bad_row",
    "bad_gateway",
    "unavailable",
    "gateway_timeout",
    "maintenance",
    "firewall",
    "redirect",
    "challenge",
    "not_found",
    "bad_request",
    "request_timeout",
    "unauthorized",
    "empty",
    "hostile_error",
]
"""Faults that respond in place of the shop."""
Ending = Literal["reset", "timeout", "token_expired"]
"""Faults that strike before the shop responds."""
Damage = Literal["reset_in_body", "truncated", "invalid_json"]
"""Faults of the transfer: the shop's response does not arrive whole."""
Kind = Literal[Replacement, Ending, Damage]
"""Faults that any shop has at times."""
Alteration = Literal[
    "total_count_low",
    "total_count_high",
    "total_count_page",
    "total_count_missing",
    "total_count_text",
    "total_count_varying",
    "hidden_rows",
    "time_zone",
    "time_format",
    "items_object",
    "values_shuffled",
    "php_notice",
    "latin1",
    "translated",
]
"""Faults of the content, as modules and settings of a shop cause them: they add up."""
Excess = Literal["deep_json", "long_number", "unknown_fields"]
"""Content that is too much; it adds up with alterations."""
Attack = Literal["drip", "drip_headers", "endless", "gzip_bomb", "odd_token"]
"""Transfers that never end, or are more than they seem, and a token that would forge a header."""
AnyKind = Literal[Kind, Alteration, Excess, Attack]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Replacements, in place of the shop's response: an HTTP error by its name; `memory`, PHP giving up;
    `bad_row`, a `server_error` of a row (give its `key`); `firewall`, an HTML page with status 200;
    `challenge`, a 503 that waits for a browser; `redirect` to another host; `not_found` and
    `bad_request`, which name an entity; `unauthorized`, a 401 though the token is good; `empty`, a 200
    without a body; `hostile_error`, a 400 with control characters and line breaks in its message;
    `odd_token`, a text with line breaks (for the `path` of a login).

    Of the transfer: `reset` before and `reset_in_body` inside the response; `truncated`, a response
    that ends too early; `timeout`, which holds it back; `drip` and `drip_headers`, a byte every
    `seconds`; `endless` rows; `gzip_bomb`, `amount` bytes in a few; `token_expired`, after which the
    client's token is good no more.

    Of the content: `total_count` too low, too high, of the page, missing, a text, or varying;
    `hidden_rows`, left out after they were counted; `time_zone`, times shown `amount` hours later than
    filters know them; `time_format`, RFC 3339 with fractions; `items_object`, a list with gaps;
    `values_shuffled`, a configurable product's values in another order each time; `deep_json`,
    `long_number` and `unknown_fields` in every row; `php_notice` before the JSON; `latin1`, declared
    and sent; `translated`, error messages in German, their parameters as they were.

    Args:
        kind: What.
        entity: Name of the list whose requests are struck, None for any request.
        path: What the path of a struck request contains.
        skip: How many matching requests pass before the first is struck.
        times: How many are struck, None for all.
        key: Strike only responses with this row on them, while counts go on working.
        retry_after: Value of the `Retry-After` header, None for none.
        location: Where `redirect` leads.
        seconds: How long `timeout` holds the response back, unless released before, and how long a
            dripping one waits after each byte.
        amount: How many: the count that `total_count_low` claims (half of it if None), by how much
            `total_count_high` errs (7), every which key `hidden_rows` hides (3), hours (2), bytes of a
            bomb (300 MB), levels, digits or fields (5,000).

    Raises:
        ValueError: For a kind that there is not.
    """

    kind: AnyKind
    entity: str | None = None
    path: str = ""
    skip: int = 0
    times: int | None = 1
    key: Key | None = None
    retry_after: str | None = None
    location: str = ""
    seconds: float = 60.0
    amount: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(AnyKind):
            raise ValueError(f"No such fault: {self.kind}")

    @property
    def alters(self) -> bool:
        """Whether it is a fault of the content."""
        return self.kind in get_args(Literal[Alteration, Excess])

    def matches(self, call: Call, entity: str | None) -> bool:
        """Whether it concerns a request."""
        return self.entity in {None, entity} and self.path in call.path
