"""The mutants of a module, as mutmut makes them, each as one function that can be planted into the live module.

mutmut decides what is a mutant and what is left alone; nothing here changes that. What it would write into a copy
of the tree, with a switch in front of every function, is here kept as the text of the one changed function, and
planted by exchanging the code of the live function in a process that is thrown away afterwards. It must never
run a test.
"""

import difflib
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import libcst
from mutmut.mutation.file_mutation import create_mutations, deep_replace


@dataclass(frozen=True)
class Mutant:
    """One change to one function of a module."""

    path: str
    """Of the file in the checkout: "atmbench/audit/book.py"."""
    function: str
    """With its class: "Book.case"."""
    change: str
    """The lines that differ: `was` -> `now`."""
    text: str
    """The whole function as it is now, inside its class if it has one."""

    @property
    def name(self) -> str:
        """What it is called in lists. It stays when other lines change; twins of one line in one function share it."""
        return f"{Path(self.path).name} {self.function}: {self.change}"

    def plant(self, module: ModuleType) -> None:
        """Make the module behave as this mutant from now on, for all who have imported from it."""
        namespace = dict(vars(module))
        exec(compile(self.text, self.path, "exec"), namespace)  # the text is our own, with one node changed
        live, changed = _found(vars(module), self.function), _found(namespace, self.function)
        live.__code__ = changed.__code__
        live.__defaults__ = changed.__defaults__
        live.__kwdefaults__ = changed.__kwdefaults__


def mutants_of(path: Path) -> Iterator[Mutant]:
    """All mutants of a file that mutmut knows, in the order of the file. Raises libcst.ParserSyntaxError."""
    module, mutations, _, _ = create_mutations(str(path), path.read_text())
    originals = {function: (name, _text(function)) for function, name in _functions(module.body, "")}
    for mutation in mutations:
        function = mutation.contained_by_top_level_function
        if function is None or function not in originals:
            continue  # the body of a class or module: mutmut leaves it, since it runs once, at import
        name, was = originals[function]
        changed = deep_replace(function, mutation.original_node, mutation.mutated_node)
        assert isinstance(changed, libcst.FunctionDef)
        now = _text(changed)
        holder = name.rpartition(".")[0]
        text = f"class {holder}:\n{textwrap.indent(now, '    ')}" if holder else now
        yield Mutant(str(path), name, _change(was, now), text)


def _functions(body: Sequence[libcst.CSTNode], holder: str) -> Iterator[tuple[libcst.FunctionDef, str]]:
    for each in body:
        if isinstance(each, libcst.FunctionDef):
            yield each, holder + each.name.value
        elif isinstance(each, libcst.ClassDef):
            yield from _functions(each.body.body, f"{each.name.value}.")


def _text(function: libcst.FunctionDef) -> str:
    return libcst.Module([]).code_for_node(function.with_changes(leading_lines=()))


def _change(was: str, now: str) -> str:
    lines = list(difflib.unified_diff(was.splitlines(), now.splitlines(), n=0, lineterm=""))[2:]
    sides = [" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+"]
    return " -> ".join(f"`{side}`" for side in sides)


def _found(namespace: Any, function: str) -> FunctionType:
    *holder, name = function.split(".")
    found = vars(namespace[holder[0]])[name] if holder else namespace[name]
    bare = getattr(found, "__func__", found)  # of a static method or a class method
    assert isinstance(bare, FunctionType)
    return bare
