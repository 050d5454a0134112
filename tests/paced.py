"""Whether an act takes time in proportion to what it is given, on a machine of any pace."""

import gc
import time

ROOM = 8
"""Times as long for four times as much: 4 where it is linear, 16 where it is quadratic."""
UNSEEN = 0.02
"""CPU seconds below which nothing can be told."""


def cpu_seconds(act, text):
    """The shorter of two goes, collections of garbage left out."""
    goes = []
    for _ in range(2):
        gc.disable()
        start = time.process_time()
        try:
            act(text)
        finally:
            goes.append(time.process_time() - start)
            gc.enable()
    return min(goes)


def takes_linear_time(act, text):
    """Whether a quarter of the text takes about a quarter of the time; the whole is not needed to see it."""
    some, more = text[: len(text) // 16], text[: len(text) // 4]
    return cpu_seconds(act, more) <= ROOM * max(cpu_seconds(act, some), UNSEEN)
