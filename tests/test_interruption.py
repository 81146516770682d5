from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from tap_magento.interruption import Interrupted, Interruption


def test_an_order_to_end_waits_until_someone_looks() -> None:
    interruption = Interruption()
    interruption.check()
    interruption.request(signal.SIGTERM)
    with pytest.raises(Interrupted) as raised:
        interruption.check()
    assert raised.value.code == 128 + signal.SIGTERM


def test_an_order_takes_effect_while_waiting() -> None:
    interruption = Interruption()
    with pytest.raises(Interrupted), interruption.waiting():
        interruption.request(signal.SIGINT)


def test_an_order_from_before_takes_effect_on_waiting() -> None:
    interruption = Interruption()
    interruption.request(signal.SIGINT)
    with pytest.raises(Interrupted), interruption.waiting():
        pytest.fail("it went on")


def test_after_waiting_an_order_does_no_harm() -> None:
    interruption = Interruption()
    with interruption.waiting():
        pass
    with pytest.raises(ValueError, match="answer"), interruption.waiting():
        raise ValueError("answer")
    interruption.request(signal.SIGTERM)
    with pytest.raises(Interrupted):
        interruption.check()


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    interruption = Interruption()
    before = signal.signal(signal.SIGTERM, lambda number, _: interruption.request(number))
    yield interruption
    signal.signal(signal.SIGTERM, before)


def test_a_signal_ends_a_wait_for_another_thread(interruption: Interruption) -> None:
    never = threading.Event()
    kill = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
    kill.start()
    with pytest.raises(Interrupted), interruption.waiting():
        assert never.wait(30), "the signal did not end the wait"
    kill.join()


def test_a_signal_between_two_rows_breaks_nothing(interruption: Interruption) -> None:
    written = []
    for row in range(3):
        if row == 1:
            os.kill(os.getpid(), signal.SIGTERM)
        written.append(row)
    assert written == [0, 1, 2]
    with pytest.raises(Interrupted), interruption.waiting():
        pytest.fail("it went on")
