"""The house rules that ruff cannot know, as a tool: `python tools/tidy.py`, and a part of tools/test.

Each violation is one line: where, what was found, and what to do instead. A rule is a function that reads one file
and yields violations; what it bans, and who may do it all the same, stands in the tables at the top. It must never
import what it checks.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
"""With its docstring, without its decorators."""

TOP_LEVEL = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "atmbench",
    "firmware_stubs",
    "fixtures",
    "pyproject.toml",
    "tests",
    "tools",
)
"""Everything at the top of the repository, dot files apart."""

DRY = tuple(
    f"atmbench/{room}"
    for room in (
        "audit/",
        "compare/",
        "drill/",
        "errors.py",
        "facts/",
        "faults/",
        "framing/",
        "host/",
        "impact/",
        "messages/",
        "money.py",
        "monitor/",
        "releases/",
        "report/",
        "second_opinion/",
        "security/",
        "terminal/",
    )
)

TOOLS = "tools/"
TESTS = "tests/"


@dataclass(frozen=True)
class Ban:
    """A name that may not be used: what to do instead, who may use it, and (if not everywhere) where it is banned."""

    instead: str
    allowed: tuple[str, ...] = ()
    where: tuple[str, ...] = ("",)


_CLOCK = "take `now` as an argument (dry), or read trio.current_time() (wet)"
_CALENDAR = "hand the calendar time in, as settings and `clock_text` do"
_RANDOM = 'draw from the random.Random(f"{seed}/{actor}") of the actor'

BANNED = {
    "time.time": Ban(_CLOCK, allowed=(TOOLS,)),
    "time.monotonic": Ban(
        _CLOCK, allowed=(TOOLS, "atmbench/cli.py", "atmbench/cli_prove.py")
    ),  # they pace progress lines
    "time.sleep": Ban("await trio.sleep(...) in a wet room; a dry room sets its deadline", allowed=(TOOLS,)),
    "datetime.datetime.now": Ban(_CALENDAR, allowed=(TOOLS,)),
    "datetime.datetime.utcnow": Ban(_CALENDAR, allowed=(TOOLS,)),
    "datetime.datetime.today": Ban(_CALENDAR, allowed=(TOOLS,)),
    "datetime.date.today": Ban(_CALENDAR, allowed=(TOOLS,)),
    "print": Ban("return the text; cli says it with click.echo", allowed=(TOOLS,)),
    "open": Ban("take the text as an argument, or have shipped or store read it", where=DRY),
}
"""Names as they are imported, so `from time import sleep` is found as well as `time.sleep`."""

BROAD_EXCEPT_ALLOWED = (
    "atmbench/audit/",  # a check that crashes is a verdict of UNKNOWN, not a crash of the audit
    "atmbench/cli.py",  # a bug of the bench becomes exit code 70
    "atmbench/explore/trial.py",  # a bench that crashes is a result of its own kind
    "atmbench/control/app.py",  # a bug of the bench becomes an answer of 500
)

LEFTOVER = re.compile(r"\b(?:FIXM[E]|TOD[O])\b|#.*\bXX[X]\b")
TEXT_SUFFIXES = (".md", ".py", ".toml", ".yaml", ".yml", "")

PROOFS = ("assert", "raises", "expect", "check", "fnmatch_lines", "verify", "snap_compare", "warns")
"""A test whose source has none of these words proves nothing."""


@dataclass(frozen=True)
class Violation:
    """One broken rule at one place."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


class SourceFile:
    """A file by its path from the root of the repository; parsed once, when the first rule asks."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def imported(self) -> dict[str, str]:
        """Local name to what it stands for: {"sleep": "time.sleep", "dt": "datetime"}."""
        names: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    package = alias.name.partition(".")[0]
                    names[alias.asname or package] = alias.name if alias.asname else package
            elif isinstance(node, ast.ImportFrom):
                names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        return names

    def full_name(self, node: ast.AST) -> str:
        """What a name or a dotted name refers to; "" for anything else."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.full_name(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""

    def found(self, at: int | ast.stmt | ast.expr | ast.arg | ast.excepthandler, text: str) -> Violation:
        return Violation(self.path, at if isinstance(at, int) else at.lineno, text)


# --- rules for a Python file ---------------------------------------------------------------------


def file_size(file: SourceFile) -> Iterator[Violation]:
    """A file nobody can hold in the head is two files."""
    lines = file.text.count("\n")
    if lines > FILE_LINES_MAX:
        yield file.found(1, f"{lines} lines, {FILE_LINES_MAX} are allowed: grow the file into a folder of smaller ones")


def function_size(file: SourceFile) -> Iterator[Violation]:
    """A function fits on a screen."""
    for node in file.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield file.found(
                    node,
                    f"{node.name} has {lines} lines, {FUNCTION_LINES_MAX} are allowed: name its steps as functions",
                )


def banned_names(file: SourceFile) -> Iterator[Violation]:
    """Clocks, sleeps, prints and opened files stay where they belong."""
    for node in file.nodes:
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue  # a field may be called open; what it names is no function
        name = file.full_name(node)
        ban = BANNED.get(name)
        if ban and file.path.startswith(ban.where) and not (ban.allowed and file.path.startswith(ban.allowed)):
            yield file.found(node, f"{name} is banned here: {ban.instead}")


def shared_randomness(file: SourceFile) -> Iterator[Violation]:
    """One seed drives the run; the random module's own generator knows nothing of it."""
    for node in file.nodes:
        name = file.full_name(node)
        if isinstance(node, ast.Attribute | ast.Name) and re.fullmatch(r"random\.[a-z]\w*", name):
            yield file.found(node, f"{name} shares one generator with everybody: {_RANDOM}")
        elif isinstance(node, ast.Call) and file.full_name(node.func) == "random.Random" and not node.args:
            yield file.found(node, f"random.Random() without a seed differs from run to run: {_RANDOM}")


def broad_except(file: SourceFile) -> Iterator[Violation]:
    """A bug must crash, not become a message. Who raises it again may clean up first."""
    if file.path.startswith(BROAD_EXCEPT_ALLOWED):
        return
    for node in file.nodes:
        if isinstance(node, ast.ExceptHandler) and ast.unparse(node.body[-1]) != "raise":
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(t is None or file.full_name(t) in {"Exception", "BaseException"} for t in caught):
                yield file.found(node, "this catches the bench's own bugs too: name the exceptions that can be meant")


def module_docstring(file: SourceFile) -> Iterator[Violation]:
    """A module says what it is for. Tests say it by their names, and an empty file has nothing to say."""
    if not file.path.startswith(TESTS) and file.text.strip() and ast.get_docstring(file.tree) is None:
        yield file.found(1, "no module docstring: say what this room is for and what it must never do")


def float_money(file: SourceFile) -> Iterator[Violation]:
    """Money is an int of minor units."""
    for node in file.nodes:
        if isinstance(node, ast.AnnAssign):
            name, annotation = ast.unparse(node.target), node.annotation
        elif isinstance(node, ast.arg) and node.annotation:
            name, annotation = node.arg, node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
            name, annotation = node.name, node.returns
        else:
            continue
        if name.endswith("_minor") and re.search(r"\b(float|Decimal)\b", ast.unparse(annotation)):
            yield file.found(node, f"{name} is no int: count minor units (see atmbench/money.py)")


def empty_test(file: SourceFile) -> Iterator[Violation]:
    """A test that asserts nothing passes for ever."""
    if not file.path.startswith(TESTS):
        return
    for node in file.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            source = "\n".join(ast.unparse(statement) for statement in node.body)
            if not any(word in source for word in PROOFS):
                yield file.found(node, f"{node.name} proves nothing: assert what a bug would break")


# --- rules for any text, and for the tree ---------------------------------------------------------


def leftovers(file: SourceFile) -> Iterator[Violation]:
    """What is left to do is not noted in the product."""
    for number, line in enumerate(file.text.splitlines(), start=1):
        marker = LEFTOVER.search(line)
        if marker:
            yield file.found(number, "a leftover marker: do it now, or file an issue and say nothing here")


def top_level(paths: list[str]) -> Iterator[Violation]:
    """The plan of the top level is fixed."""
    for entry in sorted({path.partition("/")[0] for path in paths}):
        if not entry.startswith(".") and entry not in TOP_LEVEL:
            yield Violation(entry, 1, "not in the plan of the top level: move it into a room, or into .gitignore")


PYTHON_RULES: tuple[Callable[[SourceFile], Iterator[Violation]], ...] = (
    file_size,
    function_size,
    banned_names,
    shared_randomness,
    broad_except,
    module_docstring,
    float_money,
    empty_test,
)


def check_file(path: str, text: str) -> list[Violation]:
    """Everything that is wrong with one file."""
    file = SourceFile(path, text)
    found = list(leftovers(file))
    if path.endswith(".py"):
        try:
            found += [violation for rule in PYTHON_RULES for violation in rule(file)]
        except SyntaxError as error:
            found.append(file.found(error.lineno or 1, f"not Python: {error.msg}"))
    return sorted(found, key=lambda violation: violation.line)


def list_paths(root: Path) -> list[str]:
    """The files of the repository, committed or not; without git, all files outside dot folders and caches."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    git = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if git.returncode == 0:
        return sorted({path for path in git.stdout.split("\0") if path and (root / path).is_file()})
    paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(p.as_posix() for p in paths if not any(x.startswith(".") or x == "__pycache__" for x in p.parts[:-1]))


def check_tree(root: Path) -> list[Violation]:
    """Everything that is wrong with a repository."""
    paths = list_paths(root)
    found = list(top_level(paths))
    for path in paths:
        if Path(path).suffix in TEXT_SUFFIXES:
            found += check_file(path, (root / path).read_text(encoding="utf-8", errors="replace"))
    return found


def main() -> int:
    """Check this repository; the exit code is 1 if a rule is broken."""
    found = check_tree(Path(__file__).resolve().parent.parent)
    for violation in found:
        print(violation)
    print(f"tidy: {len(found)} violations" if found else "tidy: every rule is kept")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
