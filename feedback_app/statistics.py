"""Figures and their 95 % intervals, as pure functions of counts."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.959964  # two-sided 95 % of the normal distribution
FEWEST = 30  # below this, counts only


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its interval, made of `n` answers. Shares run from 0 to 1, NPS from -100 to 100."""

    value: float
    low: float
    high: float
    n: int

    @property
    def shown(self) -> bool:
        """Whether there are enough answers to show more than counts."""
        return self.n >= FEWEST


def share(hits: int, n: int) -> Figure | None:
    """Return `hits` of `n` with the Wilson score interval (Wilson, JASA 22, 1927), or None where n is 0."""
    if n == 0:
        return None
    p, z2 = hits / n, Z * Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Figure(p, max(0.0, centre - half), min(1.0, centre + half), n)


def nps(promoters: int, passives: int, detractors: int) -> Figure | None:
    """Return the Net Promoter Score (promoters less detractors, in per cent of all), or None without answers.

    The interval is from the variance of a multinomial: Var = (p + d - (p - d)^2) / n (Rocks, Int. J. of Market
    Research 58, 2016).
    """
    n = promoters + passives + detractors
    if n == 0:
        return None
    p, d = promoters / n, detractors / n
    half = Z * math.sqrt(max(0.0, p + d - (p - d) ** 2) / n)
    return Figure(100 * (p - d), max(-100.0, 100 * (p - d - half)), min(100.0, 100 * (p - d + half)), n)


def recall(flagged: int, precision: Figure | None, unflagged: int, missed: int, sampled: int) -> Figure | None:
    """Return the share of unhappy texts that the machine finds, or None without corrections of both sorts.

    found = flagged x precision; missed = unflagged x (missed of the random sample / sampled);
    recall = found / (found + missed). The interval is by the delta method on the logit of the recall, with the two
    shares as independent binomials; each is smoothed by half an observation (Agresti, Categorical Data Analysis, 3.1).
    """
    if precision is None or sampled == 0 or flagged == 0:
        return None
    p = (precision.value * precision.n + 0.5) / (precision.n + 1)
    m = (missed + 0.5) / (sampled + 1)
    found, lost = flagged * precision.value, unflagged * missed / sampled
    value = found / (found + lost) if found + lost else 0.0
    # logit(recall) = log(flagged p) - log(unflagged m), so that the variances of the two logarithms add up
    variance = (1 - p) / (p * (precision.n + 1)) + (1 - m) / (m * (sampled + 1))
    centre, half = math.log(flagged * p) - math.log(max(1, unflagged) * m), Z * math.sqrt(variance)
    low, high = (1 / (1 + math.exp(-(centre + sign * half))) for sign in (-1, 1))
    return Figure(value, min(low, value), max(high, value), min(precision.n, sampled))


def corrected_share(flagged: int, precision: Figure | None, unflagged: int, missed: int, sampled: int) -> Figure | None:
    """Return the share of unhappy texts, corrected for the machine's errors, or None without labels of both sorts.

    share = (flagged x precision + unflagged x missed / sampled) / all: a mean over two strata, those flagged and those
    not, of which people have judged some each (Cochran, Sampling Techniques, 5.3). It is what Rogan and Gladen
    (Am. J. Epidemiol. 107, 1978) come to where sensitivity and specificity are estimated from the same labels, and its
    interval holds the uncertainty of both samples; each share is smoothed by half an observation for it.
    """
    if precision is None or sampled == 0 or flagged + unflagged == 0:
        return None
    weight = flagged / (flagged + unflagged)
    p = (precision.value * precision.n + 0.5) / (precision.n + 1)
    m = (missed + 0.5) / (sampled + 1)
    value = weight * precision.value + (1 - weight) * missed / sampled
    centre = weight * p + (1 - weight) * m
    variance = weight**2 * p * (1 - p) / (precision.n + 1) + (1 - weight) ** 2 * m * (1 - m) / (sampled + 1)
    half = Z * math.sqrt(variance)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Figure(value, min(low, value), max(high, value), min(precision.n, sampled))


def median(values: list[float]) -> float | None:
    """Return the median, or None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
