"""A server in a process of its own, so that its work is not the tap's."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any


@contextmanager
def hosted(serve: Callable[..., None], *arguments: Any) -> Iterator[tuple[str, Connection]]:
    """Start a server, and end it with the context.

    Args:
        serve: Called in the new process with one end of a line and the arguments. It sends its address first, and
            ends when it receives None.
        arguments: What else it is called with.

    Yields:
        The server's address and the other end of the line.

    Raises:
        EOFError: If it does not start.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours.recv(), ours
        ours.send(None)
        process.join()
    finally:
        process.kill()
