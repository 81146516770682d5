"""How one kind of response that is not a good one is recognised, and what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass

import requests

from tap_magento.exceptions import MagentoError, ShopUnavailableError
from tap_magento.http.errors.body import kind_of, message_of, one_line, parameters_of, text_of

_LONGEST_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """How one kind of response is recognised, and what it means. What is left out does not matter.

    Attributes:
        exception: The exception to raise.
        sentence: What happened and what to do; ``{status}``, ``{message}``, ``{kind}``, ``{store_code}`` and ``{id}``
            are filled in.
        status: The statuses it comes with.
        header: Name of a header and a pattern found in its value.
        body: A pattern found near the beginning of the body.
        parameter: A pattern found in a parameter of Magento's message, written as ``name=value``.
        reference: Name of a header, or a pattern of the body with one group, that holds the number under which
            the server has logged it.
    """

    exception: type[MagentoError | ShopUnavailableError]
    sentence: str
    status: tuple[int, ...] = ()
    header: tuple[str, str] | None = None
    body: str | None = None
    parameter: str | None = None
    reference: str | None = None

    def matches(self, response: requests.Response) -> bool:
        """Tell whether a response is of this kind.

        Args:
            response: Any response.

        Returns:
            Whether all the evidence is there.
        """
        if self.status and response.status_code not in self.status:
            return False
        if self.header is not None:
            name, pattern = self.header
            if not re.search(pattern, response.headers.get(name, ""), re.IGNORECASE):
                return False
        if self.parameter is not None:
            pattern = self.parameter
            if not any(re.search(pattern, f"{name}={value}") for name, value in parameters_of(response).items()):
                return False
        return self.body is None or re.search(self.body, text_of(response), re.IGNORECASE) is not None

    def error(self, response: requests.Response, before: str) -> MagentoError | ShopUnavailableError:
        """Make the error.

        Args:
            response: A response of this kind.
            before: What its line begins with.

        Returns:
            The error to raise.
        """
        message = message_of(response)
        sentence = self.sentence.format(
            status=response.status_code,
            kind=kind_of(response),
            message=f": {message.removesuffix('.')}" if message else "",
            store_code=_store_code_in(response),
            id=self._reference_in(response),
        )
        if issubclass(self.exception, ShopUnavailableError):
            return self.exception(before + sentence, response)
        return self.exception(before + sentence)

    def _reference_in(self, response: requests.Response) -> str:
        if self.reference is None:
            return ""
        value = response.headers.get(self.reference)
        if value is None and "(" in self.reference:
            match = re.search(self.reference, text_of(response), re.IGNORECASE)
            value = match[1] if match else None
        return f" (reference {one_line(value)[:_LONGEST_REFERENCE]})" if value else ""


def _store_code_in(response: requests.Response) -> str:
    match = re.search(r"/rest/([^/?]+)/V1/", response.url or "")
    return f" '{one_line(match[1])}'" if match else " of that code"
