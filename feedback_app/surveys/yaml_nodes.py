"""YAML with line numbers: a tree of values that knows where each stands, and a list of all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MISSING = object()


@dataclass(slots=True)
class Problems:
    """What is wrong with a file: (line, reason), told all at once."""

    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, reason: str) -> None:
        """Note one problem."""
        self.found.append((line, reason))


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file: a scalar, a list of nodes or a mapping of names to nodes."""

    line: int
    value: Any

    @property
    def is_mapping(self) -> bool:
        """Whether it holds names."""
        return isinstance(self.value, dict)

    def get(self, name: str) -> Node | None:
        """Return the node that `name` names, or None."""
        return self.value.get(name) if self.is_mapping else None

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield the names and their nodes."""
        yield from self.value.items()


def parse(text: str, problems: Problems) -> Node | None:
    """Return the tree of `text`, or None after noting why it is not YAML. A doubled name is noted, too."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "cannot be read"
        problems.add(mark.line + 1 if mark else 1, f"not YAML: {reason}")
        return None
    if not isinstance(root, yaml.MappingNode):
        problems.add(1, "a survey is a mapping of names such as slug, title and questions")
        return None
    return _node(root, problems)


def _node(raw: yaml.Node, problems: Problems) -> Node:
    line = raw.start_mark.line + 1
    if isinstance(raw, yaml.MappingNode):
        mapping: dict[str, Node] = {}
        for name, value in raw.value:
            if name.value in mapping:
                problems.add(name.start_mark.line + 1, f"{name.value} stands there twice")
            child = _node(value, problems)
            mapping[str(name.value)] = Node(name.start_mark.line + 1, child.value)
        return Node(line, mapping)
    if isinstance(raw, yaml.SequenceNode):
        return Node(line, [_node(value, problems) for value in raw.value])
    return Node(line, _scalar(raw))


def _scalar(raw: yaml.Node) -> Any:
    """Return a bool, int, None or text; texts such as dates and decimals stay as they were written."""
    if raw.tag in {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:null"}:
        return yaml.SafeLoader("").construct_object(raw, deep=True)
    return raw.value
