"""Children of the launcher are out of reach of Ctrl-C, and end with it."""

import os

from localstack import process


def test_a_helper_is_in_a_session_of_its_own_and_is_ended() -> None:
    child = process.start_helper("asyncio", environment=os.environ)  # waits for its input
    try:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)
        assert child.poll() is None
    finally:
        process.end_helpers()
    assert child.wait(timeout=10) < 0
    process.end_helpers()  # those that have ended are left alone
