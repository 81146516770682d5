from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from tap_magento.runtime.shutdown import Shutdown, ShutdownError


def test_an_order_to_end_waits_until_someone_looks() -> None:
    shutdown = Shutdown()
    shutdown.check()
    shutdown.request(signal.SIGTERM)
    with pytest.raises(ShutdownError) as raised:
        shutdown.check()
    assert raised.value.code == 128 + signal.SIGTERM


def test_an_order_takes_effect_while_waiting() -> None:
    shutdown = Shutdown()
    with pytest.raises(ShutdownError), shutdown.waiting():
        shutdown.request(signal.SIGINT)


def test_an_order_from_before_takes_effect_on_waiting() -> None:
    shutdown = Shutdown()
    shutdown.request(signal.SIGINT)
    with pytest.raises(ShutdownError), shutdown.waiting():
        pytest.fail("it went on")


def test_after_waiting_an_order_does_no_harm() -> None:
    shutdown = Shutdown()
    with shutdown.waiting():
        pass
    with pytest.raises(ValueError, match="answer"), shutdown.waiting():
        raise ValueError("answer")
    shutdown.request(signal.SIGTERM)
    with pytest.raises(ShutdownError):
        shutdown.check()


@pytest.fixture
def shutdown() -> Iterator[Shutdown]:
    shutdown = Shutdown()
    before = signal.signal(signal.SIGTERM, lambda number, _: shutdown.request(number))
    yield shutdown
    signal.signal(signal.SIGTERM, before)


def test_a_signal_ends_a_wait_for_another_thread(shutdown: Shutdown) -> None:
    never = threading.Event()
    kill = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
    kill.start()
    with pytest.raises(ShutdownError), shutdown.waiting():
        assert never.wait(30), "the signal did not end the wait"
    kill.join()


def test_a_signal_between_two_rows_breaks_nothing(shutdown: Shutdown) -> None:
    written = []
    for row in range(3):
        if row == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        written.append(row)
    assert written == [0, 1, 2]
    with pytest.raises(ShutdownError), shutdown.waiting():
        pytest.fail("it went on")
