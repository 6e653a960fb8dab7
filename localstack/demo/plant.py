"""The plant of the demo: its work centres, and what each makes in each shift; the same result at each call."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

DAYS = 14
SHIFTS = (1, 2, 3)
SHIFT = timedelta(hours=8)
GROUP_SEPARATOR = "\x1d"
LEAST_MADE, UNPACKED = 3, 2
"""The least number of products that a running shift has made, and that are not packed: for the examples of `/docs`."""


@dataclass(frozen=True)
class Goods:
    """A product of the plant, with the GTIN of its marking codes."""

    nomenclature: str
    ekn_code: str
    task: str
    gtin: str


@dataclass(frozen=True)
class Center:
    """A work centre: the plan of a shift, the share of it that is made, and the share of this that is packed."""

    identifier: str
    name: str
    goods: tuple[Goods, ...]
    planned: int
    output: float
    packed: float
    nights: bool = True
    sealed: bool = False  # its marking codes end with a group separator and a signature


@dataclass(frozen=True)
class Run:
    """A batch at an instant: what a team makes in a shift. Values of the future are 0 or None."""

    center: Center
    day: date
    shift: int
    number: int
    goods: Goods
    team: str
    start: datetime
    planned: int
    made: int
    packed: int
    packed_at: datetime
    closed_at: datetime | None

    @property
    def end(self) -> datetime:
        """The end of the shift."""
        return self.start + SHIFT

    @property
    def codes(self) -> list[str]:
        """The GS1 marking codes of the products: GTIN and serial number."""
        tail = f"{GROUP_SEPARATOR}93Zq7K" if self.center.sealed else ""
        return [f"01{self.goods.gtin}21{self.number}{piece:04}{tail}" for piece in range(1, self.made + 1)]


CENTERS = (
    Center(
        "WC-DEMO",
        "Цех №1, болты",
        (
            Goods("Болт М8х40 ГОСТ 7798-70", "EKN-001", "Изготовление болтов по чертежу 12.004", "04607123450017"),
            Goods("Болт М10х60 ГОСТ 7798-70", "EKN-002", "Изготовление болтов по чертежу 12.007", "04607123450024"),
            Goods("Болт М12х80 ГОСТ 7798-70", "EKN-003", "Болты для заказа мостового завода", "04607123450031"),
        ),
        planned=36,
        output=0.97,
        packed=0.96,
    ),
    Center(
        "WC-NUTS",
        "Цех №2, гайки и шайбы",
        (
            Goods("Гайка М8 ГОСТ 5915-70", "EKN-011", "Гайки к болтам М8, цинк 6 мкм", "04607123450048"),
            Goods("Шайба 10 ГОСТ 11371-78", "EKN-012", "Вырубка шайб из полосы 2 мм", "04607123450055"),
        ),
        planned=40,
        output=1.01,
        packed=0.93,
    ),
    Center(
        "WC-ANCHOR",
        "Участок №3, анкеры",
        (
            Goods("Анкер клиновой М12х120", "EKN-021", "Сборка анкеров, линия 1978 года", "04607123450062"),
            Goods("Шпилька М16х1000 DIN 976", "EKN-022", "Накатка резьбы на шпильках", "04607123450079"),
        ),
        planned=28,
        output=0.78,
        packed=0.68,
        nights=False,
        sealed=True,
    ),
)


def days(today: date) -> list[date]:
    """Return the days of the two weeks that end today."""
    return [today - timedelta(days=ago) for ago in reversed(range(DAYS))]


def runs(day: date, now: datetime) -> Iterator[Run]:
    """Yield the batches of a day as they are at an instant."""
    for position, center in enumerate(CENTERS, 1):
        for shift in SHIFTS:
            if center.nights or shift > 1 or day == now.date():
                yield _run(center, position, day, shift, now)


def _run(center: Center, position: int, day: date, shift: int, now: datetime) -> Run:
    random = Random(f"{center.identifier} {day} {shift}")
    number = day.timetuple().tm_yday * 100 + position * 10 + shift
    start = datetime.combine(day, time(8 * (shift - 1)), UTC)
    end = start + SHIFT
    planned = center.planned + 4 * random.randint(-2, 2)
    weekend = 0.8 if day.weekday() > 4 else 1.0
    output = planned * center.output * weekend * random.uniform(0.9, 1.06)
    if center.sealed and day.weekday() == 2:
        output /= 2  # the old line makes half on Wednesdays
    is_running = start <= now < end
    made = max(round(output * _done(now - start)), LEAST_MADE if is_running else 0)
    packed = round(made * min(1.0, center.packed * random.uniform(0.94, 1.04)))
    stays_open = center.sealed and shift == 3 and day == now.date() - timedelta(days=1)
    closed_at = end + timedelta(minutes=random.randint(2, 25))
    return Run(
        center=center,
        day=day,
        shift=shift,
        number=number,
        goods=random.choice(center.goods),
        team=f"Бригада {'АБВГ'[(day.toordinal() + shift) % 4]}",
        start=start,
        planned=planned,
        made=made,
        packed=min(packed, made - UNPACKED) if is_running else packed,
        packed_at=max(start, min(end, now) - timedelta(minutes=random.randint(3, 40))),
        closed_at=None if end > now or stays_open else min(closed_at, now),
    )


def _done(since: timedelta) -> float:
    """Return the share of its work that a shift has done since its start; 15% in the first minute."""
    return min(1.0, 0.15 + 0.85 * (since / SHIFT)) if since >= timedelta(0) else 0.0
