"""Fixtures are found by name, and a wrong name is answered with the right ones."""

import pytest

from atmbench import shipped
from atmbench.errors import LocalError


def test_a_shipped_file_is_found() -> None:
    assert "iso87-ascii.yaml" in shipped.names("dialects", ".yaml")
    assert shipped.fixture("dialects", "iso87-ascii.yaml").is_file()
    assert shipped.read("dialects", "iso87-ascii.yaml").startswith("# ISO 8583:1987")


def test_names_are_sorted_and_chosen_by_suffix() -> None:
    assert shipped.names("dialects") == sorted(shipped.names("dialects"))
    assert shipped.names("dialects", ".drill.yaml") == []


@pytest.mark.parametrize("name", ["iso87-asci.yaml", "../dialects/iso87-ascii.yaml", "", ".", "/etc/passwd"])
def test_a_wrong_name_gets_the_right_ones(name: str) -> None:
    with pytest.raises(LocalError, match=r"iso87-ascii\.yaml"):
        shipped.fixture("dialects", name)


@pytest.mark.parametrize("folder", ["dialect", "..", "", "../fixtures/dialects"])
def test_a_wrong_folder_gets_the_right_ones(folder: str) -> None:
    with pytest.raises(LocalError, match="dialects"):
        shipped.names(folder)
