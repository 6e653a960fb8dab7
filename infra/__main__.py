"""`python -m infra --stage dev --out DIR [--thin]`: package the application."""

import argparse
from pathlib import Path

from infra.package import package
from infra.stages import stage_name


def main() -> None:
    """Package the application by the arguments of the command line."""
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    parser.add_argument("--stage", type=stage_name, default="local")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--thin", action="store_true", help="code only, for the local stack")
    arguments = parser.parse_args()
    package(arguments.stage, arguments.out, thin=arguments.thin)


if __name__ == "__main__":
    main()
