"""The nightly scoring run: joins scoring and followup, and is the only importer of `ml`.

`run.py:score_new_answers` is the run, `batches.py` its loop, `reading.py` what the model makes of one batch.
`supervisor.py` restarts a run whose process was killed or hangs; `distributed.py` spreads a run over many machines.
"""

from feedback_app.nightly.run import Summary, score_new_answers

__all__ = ["Summary", "score_new_answers"]
