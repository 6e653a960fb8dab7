"""Prints the document: `python -m chalicelib.openapi [en]`, in Russian or in English."""

import json
import sys

import app  # noqa: F401 - registers every endpoint
from chalicelib.core.texts import DEFAULT
from chalicelib.openapi.service import document

language = sys.argv[1] if len(sys.argv) > 1 else DEFAULT
sys.stdout.write(json.dumps(document(locked=True, language=language), ensure_ascii=False, indent=1) + "\n")
