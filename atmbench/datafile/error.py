"""The one error of data files."""

from atmbench.errors import LocalError


class DataFileError(LocalError):
    """A data file does not say what it should. `name` is the file, `line` counts from 1."""

    def __init__(self, name: str, line: int, says: str) -> None:
        super().__init__(f"{name}, line {line}: {says}.")
        self.name = name
        self.line = line
        self.says = says

    def __reduce__(self) -> tuple[type["DataFileError"], tuple[str, int, str]]:
        return type(self), (self.name, self.line, self.says)


def mistake(name: str, line: int, found: str, meant: str) -> DataFileError:
    """The error for something that stands where something else was meant; both are half sentences."""
    return DataFileError(name, line, f"found {found}, meant {meant}")
