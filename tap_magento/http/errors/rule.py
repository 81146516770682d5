"""How one kind of answer that is not a good one is recognised, and what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass

import requests

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.http.errors.body import kind_of, message_of, text_of

Told = type[MagentoError] | type[ShopUnavailableError]


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """How one kind of answer is recognised, and what it means. What is left out does not matter.

    Attributes:
        told: The error to raise.
        sentence: What happened and what to do; ``{status}``, ``{message}``, ``{kind}`` and ``{id}`` are filled in.
        status: The statuses it comes with.
        header: Name of a header and a pattern found in its value.
        body: A pattern found near the beginning of the body.
        reference: Name of a header, or a pattern of the body with one group, that holds the number under which
            the one who answered has logged it.
    """

    told: Told
    sentence: str
    status: tuple[int, ...] = ()
    header: tuple[str, str] | None = None
    body: str | None = None
    reference: str | None = None

    def matches(self, response: requests.Response) -> bool:
        """Tell whether an answer is of this kind.

        Args:
            response: Any answer.

        Returns:
            Whether all the evidence is there.
        """
        if self.status and response.status_code not in self.status:
            return False
        if self.header is not None:
            name, pattern = self.header
            if not re.search(pattern, response.headers.get(name, ""), re.IGNORECASE):
                return False
        return self.body is None or re.search(self.body, text_of(response), re.IGNORECASE) is not None

    def error(self, response: requests.Response, before: str) -> MagentoError | ShopUnavailableError:
        """Make the error.

        Args:
            response: An answer of this kind.
            before: What its line begins with.

        Returns:
            The error to raise.
        """
        message = message_of(response)
        sentence = self.sentence.format(
            status=response.status_code,
            kind=kind_of(response),
            message=f": {message.removesuffix('.')}" if message else "",
            id=self._reference_in(response),
        )
        if issubclass(self.told, ShopUnavailableError):
            return self.told(before + sentence, response)
        return self.told(before + sentence)

    def _reference_in(self, response: requests.Response) -> str:
        if self.reference is None:
            return ""
        value = response.headers.get(self.reference)
        if value is None and "(" in self.reference:
            match = re.search(self.reference, text_of(response), re.IGNORECASE)
            value = match[1] if match else None
        return f" (reference {value})" if value else ""
