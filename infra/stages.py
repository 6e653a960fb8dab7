"""The names of stages. `local` is the local stack; every other stage is the same configuration under its own name."""

import argparse
import re

LOCAL = "local"
MAX_LENGTH = 20  # the name of every role, with stage and region, fits into 64 characters
EXAMPLES = (LOCAL, "dev", "prod", "x" * MAX_LENGTH)  # whose templates the tests check
_NAME = re.compile(rf"[a-z][a-z0-9]{{1,{MAX_LENGTH - 1}}}")


def stage_name(text: str) -> str:
    """Return a valid name; for argparse."""
    if not _NAME.fullmatch(text):
        rule = f"2 to {MAX_LENGTH} small letters and digits, a letter first"
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a stage: {rule}")
    return text
