"""The migrations, one module each, `m0002_what_it_does.py`, with the constant `MIGRATION`.

A migration that fills the index of a field of a list has a number and a title only: the list names it in `filled_by`.
Any other one has `changes`: what its items become, by table. A released migration is never changed or removed.
"""

from importlib import import_module
from pkgutil import iter_modules

from chalicelib.migrations.model import Migration


def _imported() -> tuple[Migration, ...]:
    names = sorted(module.name for module in iter_modules(__path__))
    found: tuple[Migration, ...] = tuple(import_module(f"{__name__}.{name}").MIGRATION for name in names)
    expected = [f"m{number:04d}" for number in range(1, len(found) + 1)]
    if [name[:5] for name in names] != expected or [each.number for each in found] != [int(e[1:]) for e in expected]:
        raise ValueError(f"migrations are numbered from 1 without a gap: {', '.join(names)}")
    return found


_MIGRATIONS = _imported()


def migrations() -> tuple[Migration, ...]:
    """Return all migrations in the order of their numbers, which are those of their modules, from 1 without a gap."""
    return _MIGRATIONS
