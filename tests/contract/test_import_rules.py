"""The import rules of pyproject.toml: each contract holds, and breaks when a forbidden import is added to the graph."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

from localstack.config import ROOT

OPTIONS = read_configuration(str(ROOT / "pyproject.toml"))
CONTRACTS = {contract["name"]: contract for contract in OPTIONS["contracts_options"]}
TYPES: dict[str, type[Contract]] = {
    "acyclic_siblings": AcyclicSiblingsContract,
    "forbidden": ForbiddenContract,
    "layers": LayersContract,
}
VIOLATIONS = [
    ("Packages import downwards", "chalicelib.core.listing", "chalicelib.orders.model"),
    ("Packages import downwards", "chalicelib.orders.service", "chalicelib.batches.service"),
    ("Inside a package the file name is the layer", "chalicelib.orders.store", "chalicelib.orders.service"),
    ("Inside a package the file name is the layer", "chalicelib.defects.schemas", "chalicelib.defects.progress"),
    ("Inside a package the file name is the layer", "chalicelib.long_tasks.running", "chalicelib.long_tasks.routes"),
    ("The modules of a package have no import cycles", "chalicelib.core.ids", "chalicelib.core.listing"),
    ("The modules of a package have no import cycles", "chalicelib.batches.totals", "chalicelib.batches.deletion"),
    ("A store belongs to its package", "chalicelib.analytics.service", "chalicelib.batches.store"),
    ("A store belongs to its package", "chalicelib.wiring.sweeps", "chalicelib.defects.totals"),
    ("A store belongs to its package", "infra.tables", "chalicelib.orders.store"),
    ("Rules are pure: no AWS, no HTTP, no time", "chalicelib.sites.model", "chalicelib.core.clock"),
    ("Rules are pure: no AWS, no HTTP, no time", "chalicelib.webhooks.signing", "time"),
    ("Rules are pure: no AWS, no HTTP, no time", "chalicelib.quotas.model", "chalicelib.core.listing"),
    ("boto3 only in core.aws, Chalice only in core.application", "chalicelib.core.mail", "boto3"),
    ("boto3 only in core.aws, Chalice only in core.application", "chalicelib.orders.routes", "chalice"),
]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """The imports of this checkout."""
    cache = str(ROOT / ".import_linter_cache")
    return grimp.build_graph(
        *OPTIONS["session_options"]["root_packages"], include_external_packages=True, cache_dir=cache
    )


def is_kept(name: str, graph: grimp.ImportGraph) -> bool:
    """Check the contract of this name; a check removes ignored imports from the graph it gets, so it gets a copy."""
    options = CONTRACTS[name]
    contract = TYPES[options["type"]](name=name, session_options=OPTIONS["session_options"], contract_options=options)
    return contract.check(copy.deepcopy(graph), verbose=False).kept


@contextmanager
def added_import(graph: grimp.ImportGraph, importer: str, imported: str) -> Iterator[None]:
    """Inside, the graph has one more import."""
    assert not graph.direct_import_exists(importer=importer, imported=imported)
    graph.add_import(importer=importer, imported=imported, line_number=1, line_contents="import")
    yield
    graph.remove_import(importer=importer, imported=imported)


@pytest.mark.parametrize("name", CONTRACTS)
def test_every_contract_has_a_violation_here(name: str) -> None:
    assert name in {violated for violated, _, _ in VIOLATIONS}


@pytest.mark.parametrize(("name", "importer", "imported"), VIOLATIONS)
def test_a_forbidden_import_breaks_its_contract(
    graph: grimp.ImportGraph, name: str, importer: str, imported: str
) -> None:
    assert is_kept(name, graph)
    with added_import(graph, importer, imported):
        assert not is_kept(name, graph)
