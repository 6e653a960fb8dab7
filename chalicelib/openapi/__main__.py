"""Prints the document: `python -m chalicelib.openapi`."""

import json
import sys

import app  # noqa: F401 - registers every endpoint
from chalicelib.openapi.service import document

sys.stdout.write(json.dumps(document(locked=True), ensure_ascii=False, indent=1) + "\n")
