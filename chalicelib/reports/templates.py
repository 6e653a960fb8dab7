"""Use cases of templates. Built-in templates are read-only; users create templates with parameters filled in."""

import json
from dataclasses import replace
from typing import Any

from chalicelib.core import clock
from chalicelib.core.auth import Actor
from chalicelib.core.counters import next_id
from chalicelib.core.errors import Conflict
from chalicelib.core.paging import PageOf, PageRequest, foreign_cursor
from chalicelib.core.texts import text
from chalicelib.core.transactions import optimistic, transaction
from chalicelib.reports import model, store
from chalicelib.reports.layouts import BUILT_IN
from chalicelib.reports.schemas import ListQuery
from chalicelib.reports.store import TEMPLATE_LIST, TemplateItem
from chalicelib.reports.template_schemas import Template, Templates, TemplateWrite

FIRST_OF_USERS = 101  # smaller ids are reserved for built-in templates
BUILT_IN_MARK = "#"  # begins a cursor among the built-in templates; other cursors begin with a year


def list_page(actor: Actor, *, query: ListQuery) -> Templates:
    """Return a page of templates: the built-in ones, then those of users, oldest first."""
    page = _page(replace(query.request(), descending=False))
    position = {"total": page.total, "page": query.page, "limit": query.limit, "next_cursor": page.next_cursor}
    return Templates(templates=page.items, **position).with_cursors_of(page)


def _page(request: PageRequest) -> PageOf[Template]:
    """Return a page of both kinds as one list.

    A cursor among the built-in templates has the number of those before its page.
    """
    after, offset = request.position(TEMPLATE_LIST.name), request.offset
    if after and after.startswith(BUILT_IN_MARK):
        offset, after = _offset_of(after), None
    fixed = [] if after else [_built_in(number) for number in BUILT_IN][offset : offset + request.limit]
    left, cursor = request.limit - len(fixed), request.cursor if after else None
    of_users = TEMPLATE_LIST.page(
        replace(request, limit=max(1, left), offset=max(0, offset - len(BUILT_IN)), cursor=cursor)
    )
    items = [*fixed, *map(_view, of_users.items[:left])]

    def cursor_after(count: int) -> str:
        if count > len(fixed):
            return of_users.cursor_after(count - len(fixed))
        return request.next_cursor(TEMPLATE_LIST.name, f"{BUILT_IN_MARK}{offset + count}")

    more = of_users.next_cursor is not None if left else offset + len(fixed) < len(BUILT_IN) + of_users.total
    return PageOf(
        items,
        len(BUILT_IN) + of_users.total,
        request.limit,
        request.offset,
        cursor_after(len(items)) if more and items else None,
        cursor_after=cursor_after,
    )


def _offset_of(position: str) -> int:
    number = position.removeprefix(BUILT_IN_MARK)
    if number not in map(str, range(1, len(BUILT_IN) + 1)):
        raise foreign_cursor()
    return int(number)


def get(actor: Actor, *, template_id: int) -> Template:
    """Return a template."""
    return _built_in(template_id) if template_id in BUILT_IN else _view(_find(template_id))


def create(actor: Actor, *, body: TemplateWrite) -> Template:
    """Create a template."""
    number = next_id("report_templates", FIRST_OF_USERS)
    item = TemplateItem(store.key_of(number), created_at=clock.to_text(clock.now()), **_fields(body))
    with transaction() as tx:
        store.add_template(tx, item)
    return _view(item)


@optimistic
def replace_template(actor: Actor, *, template_id: int, body: TemplateWrite) -> Template:
    """Replace a template; reports that were made from it do not change."""
    if template_id in BUILT_IN:
        raise Conflict("Встроенный шаблон нельзя изменить")
    old = _find(template_id)
    item = TemplateItem(old.id, created_at=old.created_at, updated_at=clock.to_text(clock.now()), **_fields(body))
    with transaction() as tx:
        store.replace_template(tx, old, item)
    return _view(item)


@optimistic
def delete(actor: Actor, *, template_id: int) -> None:
    """Delete a template of a user; reports that were made from it stay."""
    if template_id in BUILT_IN:
        raise Conflict("Встроенный шаблон нельзя удалить")
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
        name=text(layout.name),
        description=text(layout.description),
        base_template_id=number,
        parameters=json.dumps(dict(layout.example), ensure_ascii=False),
        is_builtin=True,
        created_at=None,
        updated_at=None,
    )
