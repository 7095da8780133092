"""The loop of a run: take texts, read them, record what was read; batch after batch.

Taking is a short transaction, recording another, and none is open while the model works. A process that dies in between
leaves a note of what it had taken; the next one reads these texts last and in small groups, so that a text that kills
its reader is found, and given up after three.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from flask import current_app

from feedback_app.clock import utc_now
from feedback_app.config import Config
from feedback_app.database import db, transaction
from feedback_app.followup import service as followup
from feedback_app.liveness import Liveness
from feedback_app.nightly import model as models
from feedback_app.nightly.model import Model
from feedback_app.nightly.reading import ATTEMPTS, deadline, given_up, read_texts
from feedback_app.nightly.stopping import STOP
from feedback_app.scoring import queries, service
from feedback_app.scoring.queries import TextToScore, Work
from feedback_app.scoring.service import NewScore

FIRST_BATCH = 128
SMALLEST_BATCH, LARGEST_BATCH = 16, 512
BATCH_SECONDS = 5.0  # what a batch should take: as much is read again after a kill
GROUPS = {1: 16, 2: 1}  # how many abandoned texts are read together, by how often they were taken before
GROUP_PATIENCE = 0.2  # part of a full batch's time limit that a small group gets
OBJECTIONS = 500  # recorded in one transaction
FIRST_REFRESH = 2_000  # texts after which the statistics are refreshed, and again each time they have doubled


class Scorer:
    """Scores the texts of `work` for a run, in this process."""

    def __init__(
        self,
        run_id: int,
        work: Work,
        process: Liveness,
        *,
        model: Model | None = None,
        patience: float | None = None,
        left: int | None = None,
        progress: Callable[[int], object] = lambda _texts: None,
    ) -> None:
        self.run_id, self.work, self.process = run_id, work, process
        self._model, self._patience, self._left, self._progress = model, patience, left, progress
        self._size = FIRST_BATCH
        self._recorded, self._refresh_at = 0, FIRST_REFRESH

    def score_all(self) -> None:
        """Record the objections, score what nobody has taken, then what dead processes had taken.

        Raises `Stopped` where the process is asked to stop; what is recorded by then stays.
        """
        self.record_objections()
        self._score_fresh()
        self._score_abandoned()

    def record_objections(self) -> None:
        """Record the texts that no machine may read, without reading them."""
        last = 0
        while True:
            STOP.check()
            ids = queries.objected_answers(db.session(), self.work, last, OBJECTIONS)
            if not ids:
                return
            with transaction() as session:
                service.record_objections(session, self.run_id, self.work, ids, utc_now())
            last = ids[-1]

    def _score_fresh(self) -> None:
        last = 0
        while limit := self._next_size():
            with transaction() as session:
                read_at = utc_now()
                listed = queries.unscored_answers(session, self.work, last, limit)
                texts = service.take_texts(session, listed, self.work, self.process.number)
            if not listed:
                return
            last = listed[-1].answer_id
            began = time.monotonic()
            self._score(texts, read_at, self._patience)
            self._adapt(len(texts), time.monotonic() - began)

    def _score_abandoned(self) -> None:
        dead = self.process.dead_among(queries.attempt_holders(db.session(), self.work.model_version))
        for attempts, size in GROUPS.items():
            while texts := self._take_abandoned(dead, attempts, size):
                self._score(texts, utc_now(), self._patience and self._patience * GROUP_PATIENCE)
        while texts := self._take_abandoned(dead, ATTEMPTS, LARGEST_BATCH):
            self._record(given_up(texts), utc_now())

    def _take_abandoned(self, dead: set[int], attempts: int, size: int) -> list[TextToScore]:
        """Take up to `size` texts that died in others' hands; those already taken over by somebody else drop out."""
        limit = size if self._left is None else min(size, self._left)
        if not dead or not limit:
            return []
        with transaction() as session:
            listed = queries.abandoned_answers(session, self.work, dead, attempts, limit)
            return service.take_abandoned(session, listed, self.work, self.process.number, dead)

    def _score(self, texts: list[TextToScore], read_at: datetime, patience: float | None) -> None:
        STOP.check()
        if texts:
            db.session.rollback()  # nothing stays open while the model works
            with STOP.heeded():
                model = self._loaded()
                with deadline(patience):
                    scores = read_texts(model, texts)
            self._record(scores, read_at)

    def _record(self, scores: list[NewScore], read_at: datetime) -> None:
        with transaction() as session:
            responses = service.record_scores(session, self.run_id, self.work, scores, read_at=read_at)
            flagged = followup.flag_scored(session, responses, self.work.model_version, utc_now())
            service.count_flagged(session, self.run_id, flagged)
        if self._left is not None:
            self._left -= len(scores)
        self._progress(len(scores))
        self._recorded += len(scores)
        if self._recorded >= self._refresh_at:
            self._refresh_at *= 2
            with transaction() as session:
                service.refresh_statistics(session)

    def _next_size(self) -> int:
        return self._size if self._left is None else min(self._size, self._left)

    def _adapt(self, texts: int, seconds: float) -> None:
        if texts:
            wanted = int(texts / max(seconds, 0.001) * BATCH_SECONDS)
            self._size = max(SMALLEST_BATCH, min(LARGEST_BATCH, wanted))

    def _loaded(self) -> Model:
        """Return the model; the first text loads it."""
        if self._model is None:
            config: Config = current_app.extensions["stemme"]
            self._model = models.load(config.sentiment_model)
        if self._model.version != self.work.model_version:
            raise RuntimeError(f"the model is {self._model.version}, the run is about {self.work.model_version}")
        return self._model
