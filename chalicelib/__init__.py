"""Shopfloor: the back end of a production site as AWS Lambda functions.

One noun, one package; docs/architecture.md has the map.
"""

VERSION = "1.0.0"
