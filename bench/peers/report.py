"""How a measured script answers: one line of JSON on stdout, with its process's peak of memory."""

import json
import resource
import time
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


def report(**figures: Any) -> None:  # noqa: ANN401
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(json.dumps({**figures, "peakGigabytes": peak}))


def fastest(repeats: int, work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of the fastest call, and the last one's result."""
    seconds = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        seconds = min(seconds, time.perf_counter() - start)
    return seconds, result
