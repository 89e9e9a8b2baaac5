"""What is in the folders of the packages is in the wheel: modules, pages, data, migrations."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "aggregates", "rulesets", "projections", "decisions", "migrations", "demo")
FOLDERS = [
    folder
    for package in PACKAGES
    for folder in (ROOT / package, *(ROOT / package).rglob("*/"))
    if folder.name != "__pycache__" and folder.is_dir()
]


def _data() -> set[Path]:
    """All files that `package_data` of setup.cfg names; patterns are relative to a package."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", "utf-8")
    found: set[Path] = set()
    for package, patterns in settings["options.package_data"].items():
        named = FOLDERS if package == "*" else [ROOT.joinpath(*package.split("."))]
        for folder in named:
            if (folder / "__init__.py").exists():
                for pattern in patterns.replace("\n", ",").split(","):
                    found |= set(folder.glob(pattern.strip()))
    return found


def test_every_folder_with_modules_is_a_package() -> None:
    lost = [
        str(folder.relative_to(ROOT))
        for folder in FOLDERS
        if any(folder.glob("*.py")) and not (folder / "__init__.py").exists()
    ]
    assert lost == []


def test_every_other_file_is_package_data() -> None:
    files = {
        path
        for folder in FOLDERS
        for path in folder.iterdir()
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert files
    assert sorted(str(path.relative_to(ROOT)) for path in files - _data()) == []
