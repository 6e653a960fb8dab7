"""Rules and errors of sites."""

from typing import Literal

from chalicelib.core.errors import Conflict, Invalid, NotFound, invalid_field
from chalicelib.core.texts import text

SiteStatus = Literal["active", "finished"]


def not_found() -> NotFound:
    """No site has that id, or it is another customer's."""
    return NotFound("Объект не найден")


def code_taken(code: str) -> Conflict:
    """Another site has the code."""
    return Conflict(text("Объект с кодом «{code}» уже существует", code=code))


def has_defects() -> Conflict:
    """A site with defects cannot be deleted, only finished."""
    return Conflict("На объекте есть дефекты: удалить его нельзя, завершите его (status: finished)")


def finished() -> Conflict:
    """A finished site takes no new defects."""
    return Conflict("Объект завершен: новые дефекты на нем не регистрируются")


def outdated(version: int) -> Conflict:
    """The client has sent an older version than the current one."""
    return Conflict(
        text("Объект изменен другим запросом: сейчас версия {version}, прочитайте его заново", version=version)
    )


def no_customer() -> Invalid:
    """The future customer of a site has not the role `customer`."""
    return invalid_field("customer_id", "у этого пользователя нет роли customer")


def code_claim(code: str) -> str:
    """Return the unique value of a site's code."""
    return f"sites#code={code}"


def defects_counter(site_id: str) -> str:
    """Return the counter of the defects of a site, which the defect list maintains."""
    return f"defects#site_id={site_id}"
