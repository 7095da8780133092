"""Measures speed and memory against the library's own pipeline, with the same model and texts: `python -m ml bench`."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ml.batching import windows
from ml.corpus import own_examples
from ml.sentiment import SentimentModel

_WARM_UP = 16
_TURNS = 4


def bench(folder: Path, *, texts: int = 512, stream: int = 0, threads: int | None = None) -> dict[str, Any]:
    """Texts a second of this package and of the pipeline, share of equal labels, seconds to load, peak memory in MB.

    `stream` asks for the memory of so many texts as well, measured before the pipeline takes its own.
    """
    sample = sample_texts(texts)
    begun = time.perf_counter()
    model = SentimentModel.load(folder, threads=threads)
    figures: dict[str, Any] = {"model": model.version, "texts": texts, "seconds_to_load": time.perf_counter() - begun}
    model.predict(sample[:_WARM_UP])
    figures["seconds_for_5000_characters"] = _seconds(lambda: model.predict([("Maten var kald. " * 400)[:5000]]))
    figures["peak_mb_before_stream"] = _peak_mb()
    if stream:
        begun = time.perf_counter()
        for _ in model.predict_stream(_endless(sample, stream)):
            pass
        figures["stream"] = {
            "texts": stream,
            "per_second": stream / (time.perf_counter() - begun),
            "peak_mb": _peak_mb(),
        }
    figures |= _against_pipeline(folder, model, sample)
    return figures


def _against_pipeline(folder: Path, model: SentimentModel, sample: list[str]) -> dict[str, Any]:
    from transformers import AutoTokenizer, BertForSequenceClassification, pipeline

    reference = pipeline(
        "text-classification",
        model=BertForSequenceClassification.from_pretrained(folder),
        tokenizer=AutoTokenizer.from_pretrained(folder),
    )
    reference(sample[:_WARM_UP], truncation=True)
    ours: list[str | None] = []
    theirs: list[str] = []
    work: dict[str, Callable[[list[str]], object]] = {
        "ours": lambda texts: ours.extend(one.label for one in model.predict(texts)),
        "one_at_a_time": lambda texts: theirs.extend(reference(t, truncation=True)[0]["label"] for t in texts),
        "sorted_batches": lambda texts: reference(sorted(texts, key=len), batch_size=32, truncation=True),
    }
    seconds = dict.fromkeys(work, 0.0)
    # In turns, so that whatever else the machine does takes from each of them alike.
    for texts in windows(sample, -(-len(sample) // _TURNS)):
        for name, run in work.items():
            begun = time.perf_counter()
            run(texts)
            seconds[name] += time.perf_counter() - begun
    return {
        "per_second": {name: len(sample) / taken for name, taken in seconds.items()},
        "times_one_at_a_time": seconds["one_at_a_time"] / seconds["ours"],
        "times_sorted_batches": seconds["sorted_batches"] / seconds["ours"],
        "equal_labels": sum(a == b for a, b in zip(ours, theirs, strict=True)) / len(sample),
    }


def sample_texts(count: int, seed: int = 7) -> list[str]:
    """Different texts, half English and half Norwegian, 5 to 60 words each, out of our own."""
    dice = random.Random(seed)
    own = own_examples("train")
    pools = [[e.text for e in own if (e.lang == "en") == english] for english in (True, False)]
    return [_of_length(dice, pools[number % 2], dice.randint(5, 60)) for number in range(count)]


def _of_length(dice: random.Random, pool: Sequence[str], words: int) -> str:
    """Texts strung together until there are at least `words` words, then cut."""
    found: list[str] = []
    while len(found) < words:
        found += dice.choice(pool).split()
    return " ".join(found[:words])


def _endless(sample: Sequence[str], count: int) -> Iterator[str]:
    """`count` texts, no two the same, so that none is answered from memory."""
    return (f"{sample[number % len(sample)]} {number}" for number in range(count))


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
