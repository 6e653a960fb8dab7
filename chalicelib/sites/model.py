"""Rules and errors of sites."""

from typing import Literal

from chalicelib.core.errors import Conflict, Invalid, NotFound, invalid_field

SiteStatus = Literal["active", "finished"]


def not_found() -> NotFound:
    """No site with that id, or another customer's."""
    return NotFound("Объект не найден")


def code_taken(code: str) -> Conflict:
    """Another site has the code."""
    return Conflict(f"Объект с кодом «{code}» уже существует")


def has_defects() -> Conflict:
    """What was found on a site is kept, so a site with defects is finished and not deleted."""
    return Conflict("На объекте есть дефекты: удалить его нельзя, завершите его (status: finished)")


def finished() -> Conflict:
    """A finished site takes no new defects."""
    return Conflict("Объект завершен: новые дефекты на нем не регистрируются")


def outdated(version: int) -> Conflict:
    """The client has seen an older version than the one there is."""
    return Conflict(f"Объект изменен другим запросом: сейчас версия {version}, прочитайте его заново")


def no_customer() -> Invalid:
    """The user who is to be the customer of a site is none."""
    return invalid_field("customer_id", "у этого пользователя нет роли customer")


def code_claim(code: str) -> str:
    """The unique value a site holds."""
    return f"sites#code={code}"


def defects_counter(site_id: str) -> str:
    """The counter of the defects of a site; the defect list keeps it."""
    return f"defects#site_id={site_id}"
