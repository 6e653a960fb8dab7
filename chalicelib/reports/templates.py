"""Use cases of templates: the built-in ones are read only, users add their own with parameters filled in."""

import json
from typing import Any

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.dynamo import next_id
from chalicelib.core.paging import PageRequest
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.reports import model, store
from chalicelib.reports.layouts import BUILT_IN
from chalicelib.reports.schemas import ListQuery, Template, Templates, TemplateWrite
from chalicelib.reports.store import TEMPLATES, TemplateItem

FIRST = 100  # below are the built-in ones, of now and later


def list_page(actor: Actor, *, query: ListQuery) -> Templates:
    """A page of templates: the built-in ones, then those of users, oldest first."""
    fixed = [_built_in(number) for number in BUILT_IN]
    shown = fixed[query.offset : query.offset + query.limit]
    request = PageRequest(query.limit, max(0, query.offset - len(fixed)), descending=False)
    page = TEMPLATES.page(request)
    shown += [_view(item) for item in page.items[: query.limit - len(shown)]]
    return Templates(templates=shown, total=len(fixed) + page.total, page=query.page, limit=query.limit)


def get(actor: Actor, *, template_id: int) -> Template:
    """One template."""
    return _built_in(template_id) if template_id in BUILT_IN else _view(_find(template_id))


def create(actor: Actor, *, body: TemplateWrite) -> Template:
    """Make a template."""
    number = FIRST + next_id("report_templates")
    item = TemplateItem(store.key_of(number), created_at=clock.to_text(clock.now()), **_fields(body))
    with transaction() as tx:
        store.add_template(tx, item)
    return _view(item)


@optimistic
def replace(actor: Actor, *, template_id: int, body: TemplateWrite) -> Template:
    """Write a template anew; reports made from it stay as they are."""
    if template_id in BUILT_IN:
        raise model.built_in("изменить")
    old = _find(template_id)
    item = TemplateItem(old.id, created_at=old.created_at, updated_at=clock.to_text(clock.now()), **_fields(body))
    with transaction() as tx:
        store.replace_template(tx, old, item)
    return _view(item)


@optimistic
def delete(actor: Actor, *, template_id: int) -> None:
    """Delete a template of a user; reports made from it stay."""
    if template_id in BUILT_IN:
        raise model.built_in("удалить")
    item = _find(template_id)
    with transaction() as tx:
        store.remove_template(tx, item)


def _find(template_id: int) -> TemplateItem:
    item = store.find_template(template_id)
    if item is None:
        raise model.template_not_found(template_id)
    return item


def _fields(body: TemplateWrite) -> dict[str, Any]:
    return body.model_dump() | {"description": body.description or ""}


def _view(item: TemplateItem) -> Template:
    fields = {name: getattr(item, name) for name in Template.model_fields if hasattr(item, name)}
    return Template.model_validate(fields | {"id": int(item.id), "is_builtin": False})


def _built_in(number: int) -> Template:
    layout = BUILT_IN[number]
    return Template(
        id=number,
        name=layout.name,
        description=layout.description,
        base_template_id=number,
        parameters=json.dumps(dict(layout.example), ensure_ascii=False),
        is_builtin=True,
        created_at=None,
        updated_at=None,
    )
