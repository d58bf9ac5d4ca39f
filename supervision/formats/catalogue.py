"""The formats that come with the product, read once from `formats.yaml`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from supervision.formats.rules import Format, check_format

FILE = Path(__file__).with_name("formats.yaml")


@cache
def formats() -> Mapping[str, Format]:
    """Return every format by its key, in the file's order; each one is checked when it is read."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    catalogue: dict[str, Format] = {}
    for entry in content["formats"]:
        frame = content["frames"][entry["frame"]] if "frame" in entry else {}
        chosen = Format.from_data({**frame, **entry})
        check_format(chosen)
        catalogue[chosen.key] = chosen
    return MappingProxyType(catalogue)
