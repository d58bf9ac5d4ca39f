"""`make bench`: prints one JSON object a line; `make bench ONLY=seats` runs the modules whose names begin so."""

import importlib
import json
import pkgutil
import sys

from tests import bench


def main(only: str) -> int:
    within = True
    for module in sorted(found.name for found in pkgutil.iter_modules(bench.__path__)):
        if module == "__main__" or not module.startswith(only):
            continue
        for figure in importlib.import_module(f"tests.bench.{module}").figures():
            line = {
                "name": f"{module}.{figure.name}",
                "value": round(figure.value, 3),
                "unit": figure.unit,
                "budget": figure.budget if figure.budget < float("inf") else None,
                "ok": figure.ok,
            }
            sys.stdout.write(json.dumps(line) + "\n")
            within = within and figure.ok
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
