"""MiniStack's worker without the fast path, to compare with."""

from localstack.engine.invocation_end import Worker


class PlainWorker(Worker.__mro__[1]):  # type: ignore[misc]
    """MiniStack's own, which waits for the log as long as a busy machine needs: its 50 ms are too short there."""

    logs = True  # whether the next invocation has a log

    def _drain_stderr_bounded(self, **_: float) -> str:
        wait = 5.0 if self.logs else 0.05
        return str(
            super()._drain_stderr_bounded(first_line_wait=wait, idle_confirm=0.1 if self.logs else 0.03, hard_cap=6.0)
        )
