"""Documents of all built-in templates over a month of a plant with long names, made from data as they are collected.

`python -m tests.unit.reports.month FOLDER` writes them in every format, in Russian and in English, to be looked at.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from chalicelib.core import texts
from chalicelib.reports.layouts import batch, sales, shift, tasks
from chalicelib.reports.layouts.layout import Heading, Row
from chalicelib.reports.render import FORMATS, Document, render

FIRST, DAYS = date(2026, 11, 1), 30
MOSCOW = ZoneInfo("Europe/Moscow")
MADE = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
CENTERS = (
    ("LINE-1", "Линия розлива №1 (ПЭТ, негазированная вода и спецзаказы)"),
    ("LINE-2", "Линия розлива №2 (стеклотара)"),
    ("УПАК-03", "Участок групповой упаковки, маркировки и паллетирования готовой продукции"),
    ("WC-4", "Энергонефтегазодобывающее оборудование"),
)
SHIFTS = ("1 смена, дневная", "2 смена, ночная", "Дополнительная смена выходного дня")
TEAMS = ("Бригада А", "Бригада Б (наладчики)", "Сводная бригада №12")
GOODS = (
    "Вода минеральная природная питьевая столовая негазированная «Горный родник», ПЭТ 0,5 л",
    "Болт М8×40 ГОСТ 7798-70",
    "Высокопрочный самонарезающийся оцинкованный саморез с прессшайбой 4,2×16",
    "Напиток безалкогольный среднегазированный «Лимонад 中文 👍», стеклотара 0,33 л",
    "שלום, мир: anchor M12x120",
)
PEOPLE = (
    "Константинопольский Александр Владимирович",
    "Ли Анна",
    "Общество с ограниченной ответственностью «Стройкомплектснаб»",
)


def heading(**changes: Any) -> Heading:
    """Return the heading of a report of the month."""
    common = {"name": "За ноябрь", "description": "Для совещания первого декабря", "created_at": MADE}
    common |= {"meta": {texts.text("Отчет"): "№ 12", texts.text("Создал"): PEOPLE[0]}, "zone": MOSCOW}
    return Heading(**{**common, "company": "АО «Завод минеральных вод»", **changes})


def _days() -> list[str]:
    return [(FIRST + timedelta(days=number)).isoformat() for number in range(DAYS)]


def _at(chance: Random, day: int) -> str:
    moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day, seconds=chance.randrange(86_400))
    return moment.isoformat()


def sales_report() -> Document:
    """Return the sales: no orders on every fifth day."""
    chance = Random(1)
    sums = {status: [0, 0] for status in ("created", "in_progress", "completed", "cancelled")}
    rows: list[Row] = []
    days: dict[str, int] = {}
    for number in range(131):
        day, status, kopecks = number % DAYS, chance.choice(list(sums)), chance.randrange(9_900, 250_000_000)
        if day % 5 == 3:
            continue
        order = str(UUID(int=chance.getrandbits(128), version=4))
        rows.append(
            [_at(chance, day), order, chance.choice([*PEOPLE, None]), status, chance.randrange(1, 900), kopecks]
        )
        sums[status][0] += 1
        sums[status][1] += kopecks
        days[_days()[day]] = days.get(_days()[day], 0) + kopecks * (status != "cancelled")
    products: list[list[Any]] = [
        [name, chance.randrange(1, 90), chance.randrange(1, 9_000), 10 ** (9 - place)]
        for place, name in enumerate(GOODS)
    ]
    summary = {"date_from": _days()[0], "date_to": _days()[-1], "last_day": _days()[-1], "customer": None}
    summary |= {"statuses": sums, "products": [*products, [None, 17, 450, 12_345]], "days": days}
    return sales.compose(heading(), summary, iter(sorted(rows)))


def shift_report() -> Document:
    """Return the shifts: batches of every day."""
    chance = Random(2)
    groups: dict[tuple[str, str], list[int]] = {}
    days: dict[str, list[int]] = {}
    rows: list[Row] = []
    for number in range(180):
        day, (code, name), kind = _days()[number // 6], chance.choice(CENTERS), chance.choice(SHIFTS)
        total = chance.randrange(0, 1_500)
        done = chance.choice([0, total, total * 2 // 3])
        closed = done == total
        rows.append([day, 22_000 + number, chance.choice(GOODS), code, kind, chance.choice(TEAMS), closed, total, done])
        shift._add(groups.setdefault((f"{code} {name}", kind), [0] * 4), 1, int(closed), total, done)
        shift._add(days.setdefault(day, [0] * 2), total, done)
    summary = {"date_from": _days()[0], "date_to": _days()[-1], "work_center": None, "days": days}
    summary["groups"] = [[*group, *sums] for group, sums in sorted(groups.items())]
    return shift.compose(heading(), summary, iter(rows))


def batch_report(count: int = 400) -> Document:
    """Return a batch of so many products, aggregated over two days with a pause at night."""
    chance = Random(3)
    start = datetime(2026, 11, 5, 5, tzinfo=UTC)
    rows: list[Row] = []
    hours: dict[str, int] = {}
    for number in range(count):
        at = start + timedelta(hours=chance.choice([1, 2, 3, 4, 26, 27, 30]), seconds=number) if number % 4 else None
        code = f"0104601234560{number:06d}21{chance.getrandbits(40):x}\x1d93{chance.getrandbits(16):04x}"
        rows.append(
            [str(UUID(int=chance.getrandbits(128), version=4)), code, at is not None, at.isoformat() if at else None]
        )
        if at:
            key = at.astimezone(MOSCOW).isoformat()[:13]
            hours[key] = hours.get(key, 0) + 1
    facts = {"batch_number": 22_222, "batch_date": "2026-11-05", "nomenclature": GOODS[0], "ekn_code": "EKN-0012345678"}
    facts |= {"shift": SHIFTS[0], "team": TEAMS[1], "is_closed": True, "closed_at": "2026-11-06T14:05:00+00:00"}
    facts |= {"shift_start": "2026-11-05T05:00:00.000000Z", "shift_end": "2026-11-05T17:00:00.000000Z"}
    facts["task_description"] = "Разлить и упаковать по заданию, проверить маркировку, передать на склад. " * 3
    summary = {"batch": facts, "work_center": " ".join(CENTERS[0]), "total": count, "done": sum(hours.values())}
    summary |= {"hours": dict(sorted(hours.items())), "shift": ["2026-11-05T08", "2026-11-05T20"]}
    return batch.compose(heading(), summary, iter(rows))


ERRORS = (
    None, "Нет соединения: ConnectionRefusedError", "unknown task type", "Получатель ответил 503",
    "Внутренняя ошибка: KeyError", "Исполнитель прерван 5 раз подряд",
)  # fmt: skip


def task_report(owner: str | None = None) -> Document:
    """Return defects, deferred tasks and long tasks."""
    chance = Random(4)
    sites = [["ЖК-1", "Жилой комплекс «Северная звезда», корпус 2"], ["SITE-0002", "Складской терминал класса А"]]
    pairs: dict[str, int] = {}
    rows: list[Row] = []
    figures = [[*site, 0, 0, 0, 0] for site in sites]
    for number in range(1, 48):
        status, severity = chance.choice(tasks.STATUSES), chance.choice(tasks.SEVERITIES)
        pairs[f"{status} {severity}"] = pairs.get(f"{status} {severity}", 0) + 1
        site = chance.choice(figures)
        late = chance.choice([None, None, 3, 828])
        for place, more in enumerate((True, status in tasks.OPEN, late is not None, status == "closed"), 2):
            site[place] = int(site[place]) + more
        title = chance.choice(["Трещина в стене", "Недопустимое отклонение гидроизоляционного слоя от проекта, ось 12"])
        times = [_at(chance, number % DAYS), _at(chance, number % DAYS) if status == "fixed" else None]
        rows.append(["defect", number, site[0], title, severity, status, chance.choice([*PEOPLE[:2], None])])
        rows[-1] += ["2026-11-20" if late else None, late, *times]
    deferred, long = dict.fromkeys(tasks.words.DEFERRED, 0), dict.fromkeys(tasks.words.LONG, 0)
    for number in range(1, 40):
        status, name = chance.choice(list(deferred)), chance.choice([*tasks.words.TYPES, "print_label_for_warehouse"])
        deferred[status] += 1
        times = [_at(chance, number % DAYS), _at(chance, number % DAYS), None]
        rows.append(["deferred", number, name, status, chance.randrange(1, 9), *times, chance.choice(ERRORS)])
    for number in range(1, 25):
        status = chance.choice(list(long))
        long[status] += 1
        text = chance.choice(
            ["fetch https://example.com/a/very/long/path/of/a/report/2026/11/30.json", "Посчитать сваи"]
        )
        rows.append(["long", number, text, status, _at(chance, number % DAYS), None, chance.choice(ERRORS)])
    summary = {"date_from": _days()[0], "date_to": _days()[-1], "owner": owner, "deferred": deferred, "long": long}
    return tasks.compose(heading(), summary | {"defects": {"pairs": pairs, "sites": figures}}, iter(rows))


REPORTS: dict[str, Callable[[], Document]] = {
    "sales": sales_report, "shift": shift_report, "batch": batch_report, "tasks": task_report,
}  # fmt: skip


def files(folder: Path) -> Iterator[Path]:
    """Write every report in every format and language."""
    for language in texts.LANGUAGES:
        with texts.language(language):
            for name, compose in REPORTS.items():
                for format in FORMATS:
                    target = folder / f"{name}-{language}.{format}"
                    render(compose(), format, target)
                    yield target


if __name__ == "__main__":
    for written in files(Path(sys.argv[1])):
        sys.stdout.write(f"{written}\n")
