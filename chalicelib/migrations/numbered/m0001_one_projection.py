"""All indexes of a list project one attribute, `listed` (core/listed.py), which older items do not have."""

from chalicelib.migrations.model import Migration

MIGRATION = Migration(1, "Items of lists have the attribute that all indexes project")
