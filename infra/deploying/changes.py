"""A change set in words, and the refusal of one that would lose data."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from infra.names import Json

MAX_NAMES = 6  # of resources in one line
_HOLDING_DATA = {
    "AWS::DynamoDB::Table": "table",
    "AWS::S3::Bucket": "bucket",
    "AWS::SQS::Queue": "queue",
    "AWS::SecretsManager::Secret": "secret",
}
_MAY_BE_DELETED = {"AWS::SQS::Queue"}  # a queue without a function any more; those of dead letters are kept
_REPLACING = {"BucketName", "FifoQueue", "KeySchema", "LocalSecondaryIndexes", "Name", "QueueName", "TableName"}
"""Of these resources, `Update requires: Replacement`; "Conditionally" is said of others too:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/introduction.html
"""
_ORDER = ("added", "imported", "changed", "perhaps replaced", "replaced", "left out, kept", "deleted")


def lines(changes: Sequence[Json]) -> Iterator[str]:
    """Yield what the changes of a change set do, a line for each kind of resource."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for change in changes:
        groups[_word(change), change["ResourceType"]].append(_named(change))
    for word, kind in sorted(groups, key=lambda group: (_ORDER.index(group[0]), group[1])):
        names = sorted(groups[word, kind])
        more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
        yield f"  {word:<16} {len(names):>4} {kind.removeprefix('AWS::'):<28} {', '.join(names[:MAX_NAMES])}{more}"


def loss(changes: Sequence[Json]) -> str | None:
    """Return why a change set is refused: a resource with data would be replaced by an empty one, or deleted."""
    lost = sorted(
        f"the {_HOLDING_DATA[change['ResourceType']]} {change['LogicalResourceId']} would be {word}"
        for change in changes
        if change["ResourceType"] in _HOLDING_DATA and (word := _loss(change))
    )
    if not lost:
        return None
    return (
        f"refused, since data would be lost: {'; '.join(lost)}. Deploy what keeps it: a property that replaces a "
        "resource never changes; a new resource gets a new name, and the old one stays until it is empty"
    )


def _word(change: Json) -> str:
    action = change["Action"]
    if action == "Remove":
        return "left out, kept" if change.get("PolicyAction") == "Retain" else "deleted"
    if action in ("Add", "Import"):
        return f"{action.lower()}ed"
    if change.get("Replacement") == "True":
        return "replaced"
    return "perhaps replaced" if change["ResourceType"] in _HOLDING_DATA and _may_replace(change) else "changed"


def _named(change: Json) -> str:
    """Return the name of a resource; for one with data also the properties that change."""
    name: str = change["LogicalResourceId"]
    if change["Action"] != "Modify" or change["ResourceType"] not in _HOLDING_DATA:
        return name
    targets = (detail["Target"] for detail in change.get("Details", ()))
    changed = {target.get("Name") or target.get("Attribute", "") for target in targets}
    return f"{name} ({', '.join(sorted(changed - {''}))})"


def _may_replace(change: Json) -> bool:
    """Return whether a property changes, or may change, whose change replaces the resource."""
    targets = [detail["Target"] for detail in change.get("Details", ())]
    asked = {target.get("Name"): target.get("RequiresRecreation", "Never") for target in targets}
    return any(when == "Always" or (when != "Never" and name in _REPLACING) for name, when in asked.items())


def _loss(change: Json) -> str | None:
    word = _word(change)
    if word == "deleted":
        return None if change["ResourceType"] in _MAY_BE_DELETED else word
    return word if word in ("replaced", "perhaps replaced") else None
