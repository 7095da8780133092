"""The rules of the architecture that a program can check: who imports whom, who commits, what the web process loads."""

from __future__ import annotations

import ast
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import ROOT, environment

SITE = ROOT / "feedback_app"
LIBRARY = ROOT / "ml"
# From the top down: a feature imports only those after it.
FEATURES = (
    "insights", "followup", "scoring", "answering", "invitations", "surveys", "customers", "accounts",
)  # fmt: skip
EDGES = {"routes.py", "commands.py"}  # and every `*_routes.py`: they may call any service
ML_IMPORTERS = ("feedback_app/nightly.py", "feedback_app/nightly/")
NO_FLASK = {"models.py", "forms.py", "rules.py", "service.py", "queries.py"}
NEVER_COMMIT = NO_FLASK
FLASK_PACKAGES = {"flask", "flask_sqlalchemy", "flask_wtf", "flask_migrate"}
FORBIDDEN_NAMES = {"utils.py", "util.py", "helpers.py", "helper.py", "manager.py", "misc.py", "common.py"}
MODULE_LINES = 250
HELP_RATIO = (
    5.5  # processor time of `flask --app wsgi --help` against importing Flask alone; 4.3 would be 0.6 s against 0.14 s
)


def modules(*folders: Path) -> list[Path]:
    """Return the Python files of `folders`."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def name_of(path: Path) -> str:
    """Return the path from the root, with slashes."""
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Yield every module that `path` imports, in full, at whatever depth; also `module.name` for a `from` import."""
    package = name_of(path.parent).split("/")
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_edge(path: Path) -> bool:
    """Whether the file is a way in: a route, a command, or part of the integrations."""
    return path.name in EDGES or path.name.endswith("_routes.py") or path.parent == SITE / "integrations"


def feature_of(module: str) -> str | None:
    """Return the feature that a module's full name belongs to, or None."""
    parts = module.split(".")
    return parts[1] if parts[0] == "feedback_app" and len(parts) > 1 and parts[1] in FEATURES else None


def test_features_import_downwards_only() -> None:
    wrong = []
    for place, feature in enumerate(FEATURES):
        above = set(FEATURES[:place]) | {"integrations"}
        for path in modules(SITE / feature):
            if not is_edge(path):
                targets = {name.split(".")[1] for name in imports(path) if name.startswith("feedback_app.")}
                wrong += [f"{name_of(path)} imports {target}" for target in sorted(targets & above)]
    assert wrong == []


def test_the_ground_imports_no_feature_but_its_list_of_tables() -> None:
    ground = [SITE / name for name in ("database.py", "clock.py", "config.py", "i18n.py", "mail.py", "errors.py")]
    wrong = [f"{name_of(path)} imports {name}" for path in ground for name in imports(path) if feature_of(name)]
    assert wrong == []


def test_the_inner_modules_do_not_know_flask() -> None:
    inner = [path for path in modules(SITE) if path.name in NO_FLASK]
    assert inner
    wrong = [
        f"{name_of(path)} imports {name}"
        for path in inner
        for name in imports(path)
        if name.split(".")[0] in FLASK_PACKAGES
    ]
    assert wrong == []


def test_only_the_edges_commit() -> None:
    wrong = []
    for path in modules(SITE):
        if path.name in NEVER_COMMIT:
            for node in ast.walk(parse(path)):
                if isinstance(node, ast.Attribute) and node.attr == "commit":
                    wrong.append(f"{name_of(path)}:{node.lineno} commits")
                if isinstance(node, ast.Name) and node.id == "transaction":
                    wrong.append(f"{name_of(path)}:{node.lineno} opens a transaction")
    assert wrong == []


def test_services_and_queries_take_the_session_first() -> None:
    wrong = []
    for path in modules(SITE):
        if path.name in {"service.py", "queries.py"}:
            for node in parse(path).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    first = node.args.args[0].arg if node.args.args else "nothing"
                    if first != "session":
                        wrong.append(f"{name_of(path)}:{node.lineno} {node.name} takes {first} first")
    assert wrong == []


def test_only_the_nightly_run_imports_the_model_library() -> None:
    importers = [name_of(path) for path in modules(SITE) if any(name.split(".")[0] == "ml" for name in imports(path))]
    assert [name for name in importers if not name.startswith(ML_IMPORTERS)] == []


def test_the_model_library_knows_no_site_and_no_database() -> None:
    forbidden = {*FLASK_PACKAGES, "sqlalchemy", "feedback_app"}
    wrong = [
        f"{name_of(path)} imports {name}"
        for path in modules(LIBRARY)
        for name in imports(path)
        if name.split(".")[0] in forbidden
    ]
    assert wrong == []


def test_time_is_read_in_one_place() -> None:
    wrong = []
    for path in modules(SITE):
        for node in ast.walk(parse(path)):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"now", "utcnow", "today"}
                and isinstance(node.value, ast.Name)
                and node.value.id in {"datetime", "date"}
                and path.name != "clock.py"
            ):
                wrong.append(f"{name_of(path)}:{node.lineno}")
    assert wrong == []


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [name_of(path) for path in modules(SITE, LIBRARY, ROOT / "tests") if path.name in FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("folder", ["feedback_app", "ml", "tests", "migrations"])
def test_every_module_says_what_it_is_for(folder: str) -> None:
    assert [name_of(path) for path in modules(ROOT / folder) if not ast.get_docstring(parse(path))] == []


def test_no_module_is_too_long_to_review() -> None:
    code = modules(SITE, LIBRARY, ROOT / "tests")
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in code}
    assert {name: lines for name, lines in lengths.items() if lines > MODULE_LINES} == {}


def test_no_template_switches_escaping_off() -> None:
    templates = [path for path in (SITE / "templates").rglob("*") if path.suffix in {".html", ".txt", ".xml"}]
    signs = ("|safe", "| safe", "autoescape false")
    assert [
        name_of(path) for path in templates if any(sign in path.read_text(encoding="utf-8") for sign in signs)
    ] == []


def test_the_web_process_never_loads_the_model(tmp_path: Path) -> None:
    program = "import sys, wsgi; print(*sorted({'ml', 'torch', 'transformers', 'numpy'} & set(sys.modules)))"
    assert _run(tmp_path, "-c", program).strip() == ""


def test_the_command_line_starts_quickly(tmp_path: Path) -> None:
    """As a ratio, so that a slow machine changes little: both are timed in turn, the best of each counts."""
    program, bare = ("-m", "flask", "--app", "wsgi", "--help"), ("-c", "import flask")
    pairs = [(_seconds(tmp_path, *program), _seconds(tmp_path, *bare)) for _ in range(4)]
    best, floor = min(ours for ours, _ in pairs), min(theirs for _, theirs in pairs)
    ratio = best / floor
    print(f"flask --help {best:.2f} s, import flask {floor:.2f} s, ratio {ratio:.2f} (at most {HELP_RATIO})")
    assert ratio <= HELP_RATIO


def _run(folder: Path, *arguments: str) -> str:
    env = environment(f"sqlite:///{folder / 'x.sqlite'}", folder)
    del env["PYTHONDONTWRITEBYTECODE"]  # as for an operator: the second start finds the first one's bytecode
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _seconds(folder: Path, *arguments: str) -> float:
    """Return the processor time of a program: unlike the clock's, other programs add little to it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(folder, *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
