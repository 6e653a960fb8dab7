"""`python -m chalicelib.openapi`: prints the document."""

import json
import sys

import app  # noqa: F401 - registers every endpoint
from chalicelib.openapi.service import document

sys.stdout.write(json.dumps(document(locked=True), ensure_ascii=False, indent=1) + "\n")
