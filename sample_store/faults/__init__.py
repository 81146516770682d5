"""What can go wrong between a shop and its reader, on demand."""

from sample_store.faults.fault import AnyKind, Fault, Kind
from sample_store.faults.faults import Faults

__all__ = ["AnyKind", "Fault", "Faults", "Kind"]
