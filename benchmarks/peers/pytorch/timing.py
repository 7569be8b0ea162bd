"""Times work by Backdraft's rule (org.backdraft.jobs.bench.Timing): until times settle, then the median."""

import statistics
import time

WINDOWS_PER_MEASUREMENT = 4
QUIET_WINDOWS = 3
LEAST_GAIN = 0.02
MOST_WINDOWS = 24
LEAST_WINDOW_SECONDS = 0.5
LEAST_RUNS = 3


def _runs_for(work, seconds):
    times = []
    began = last = time.perf_counter()
    while len(times) < LEAST_RUNS or last - began < seconds:
        work()
        now = time.perf_counter()
        times.append(now - last)
        last = now
    return times


def measure(work, seconds):
    """Returns the median time of a run in seconds, and what else is to be told of the measurement."""
    window = max(LEAST_WINDOW_SECONDS, seconds / WINDOWS_PER_MEASUREMENT)
    work()  # torch.compile takes its time here, which is no part of the warm-up
    began = time.perf_counter()
    best = float("inf")
    quiet = 0
    while quiet < QUIET_WINDOWS and time.perf_counter() - began < MOST_WINDOWS * window:
        median = statistics.median(_runs_for(work, window))
        quiet = 0 if median < (1 - LEAST_GAIN) * best else quiet + 1
        best = min(best, median)
    warm_up = time.perf_counter() - began
    times = _runs_for(work, seconds)
    return statistics.median(times), {
        "runs": len(times),
        "warmup_seconds": round(warm_up, 3),
        "settled": quiet >= QUIET_WINDOWS,
    }
