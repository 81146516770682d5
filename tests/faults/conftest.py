"""What all tests of faults share."""

from tests.faults.support import waits

__all__ = ["waits"]
