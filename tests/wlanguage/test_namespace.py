"""`from wlemail import *` and `wlemail.anything`: which names there are and under which spellings."""

from __future__ import annotations

import builtins
import pkgutil
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest

import wlemail
from wlemail.wlanguage.names import fold

ROOT = Path(__file__).parents[2]


def test_all_is_what_the_package_holds() -> None:
    held = {
        name for name, value in vars(wlemail).items() if not name.startswith("_") and not isinstance(value, ModuleType)
    } - {"annotations", "TYPE_CHECKING", "Warning"}
    assert set(wlemail.__all__) == held
    assert len(wlemail.__all__) == len(held), "a name is listed twice"


def test_every_name_exists_without_its_accents() -> None:
    def plain(name: str) -> str:
        return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))

    missing = {plain(name) for name in wlemail.__all__} - set(wlemail.__all__)
    assert not missing


def test_spellings_that_fold_alike_are_one_object() -> None:
    first: dict[str, str] = {}
    for name in wlemail.__all__:
        other = first.setdefault(fold(name), name)
        assert getattr(wlemail, name) is getattr(wlemail, other), f"{name} and {other}"


def test_no_builtin_is_hidden() -> None:
    assert not [name for name in wlemail.__all__ if hasattr(builtins, name)]


def test_no_submodule_is_called_like_a_public_name() -> None:
    folded = {fold(name): name for name in wlemail.__all__}
    hidden = [module.name for module in pkgutil.iter_modules(wlemail.__path__) if fold(module.name) in folded]
    assert not hidden


def test_other_spellings_are_attributes() -> None:
    assert wlemail.emailraz is wlemail.EMAILRAZ is wlemail.EmailReset  # type: ignore[attr-defined]
    assert wlemail.emailparametre is wlemail.EmailConfigure  # type: ignore[attr-defined]


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(AttributeError, match="module 'wlemail' has no attribute 'EmailSendMesage'"):
        wlemail.EmailSendMesage  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError):
        from wlemail import EmailSendMesage  # type: ignore[attr-defined]  # noqa: F401


def test_dir_lists_the_public_names() -> None:
    assert set(wlemail.__all__) < set(dir(wlemail))
    assert "annotations" not in dir(wlemail)


def test_the_version_is_that_of_the_distribution() -> None:
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert "\nversion = attr: wlemail.__version__\n" in setup
    assert f"## {wlemail.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
