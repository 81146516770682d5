"""What all tests of faults share."""

import pytest

from tap_magento.runtime import redaction
from tap_magento.streams.base import MagentoStream


@pytest.fixture(autouse=True)
def _frequent_states(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write states so often that small runs are ended between them, as long ones are."""
    monkeypatch.setattr(MagentoStream, "STATE_MSG_FREQUENCY", 5)


@pytest.fixture(autouse=True)
def _few_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the tokens of other tests, hundreds of which would have to be struck out of every line of the log."""
    monkeypatch.setattr(redaction._secrets, "_spellings", frozenset())
