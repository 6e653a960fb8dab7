"""The building sites of the demo and their defects, in every status."""

from dataclasses import dataclass

SITES = (
    ("ДЕМО-СЕВЕР-2", "ЖК «Северный», корпус 2", "Москва, ул. Строителей, 1", "active"),
    ("ДЕМО-ЦЕХ-4", "Цех №4, пристройка склада", "Подольск, Заводской проезд, 7", "active"),
    ("ДЕМО-РЕЗЕРВ", "Склад №2, проект", "Подольск, Заводской проезд, 9", "active"),  # without defects
)
HOME, HALL = 0, 1
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "new": (),
    "assigned": ("assigned",),
    "in_progress": ("assigned", "in_progress"),
    "fixed": ("assigned", "in_progress", "fixed"),
    "reopened": ("assigned", "in_progress", "fixed", "reopened"),
    "verified": ("assigned", "in_progress", "fixed", "verified"),
    "closed": ("assigned", "in_progress", "fixed", "verified", "closed"),
    "rejected": ("rejected",),
}
"""Status -> the transitions that lead to it."""


@dataclass(frozen=True)
class Defect:
    """A defect: `due` in days from today; `comments` as login and text; `pictures` as names of drawings."""

    site: int
    title: str
    location: str
    severity: str
    status: str
    due: int | None = None
    assignee: str = "engineer"
    comments: tuple[tuple[str, str], ...] = ()
    pictures: tuple[str, ...] = ()
    description: str | None = None


DEFECTS = (
    Defect(
        HOME, "Трещина в несущей стене", "Этаж 3, у лифта", "critical", "in_progress", -2,
        comments=(
            ("inspector", "Раскрытие 3 мм, за неделю выросла на 20 см."),
            ("engineer", "Поставили маяки, завтра инъектирование."),
            ("manager", "Заказчик спрашивает, когда можно показать этаж покупателям."),
        ),
        pictures=("crack", "crack"), description="Длина 2 м, от перемычки к полу. Стена по оси Б.",
    ),
    Defect(HOME, "Протечка кровли над лестницей", "Кровля, секция 1", "critical", "assigned", -1, "mechanic",
           (("manager", "До дождей в среду обязательно."),), ("leak",)),
    Defect(HOME, "Отслоение плитки в санузле", "Кв. 47, санузел", "medium", "fixed", 3,
           comments=(("engineer", "Переклеили 6 плиток, затирка сохнет."),), pictures=("tile", "tile")),
    Defect(HOME, "Следы протечки на потолке", "Кв. 52, кухня", "high", "new", pictures=("leak",)),
    Defect(HOME, "Нет напряжения в розетках", "Кв. 31, комната", "high", "assigned", 2, "mechanic",
           pictures=("socket",)),
    Defect(HOME, "Царапины на стеклопакете", "Кв. 12, балкон", "low", "new", pictures=("window",)),
    Defect(HOME, "Не закрывается створка окна", "Кв. 18, спальня", "medium", "in_progress", 1, "mechanic",
           pictures=("window",)),
    Defect(HOME, "Скол ступени", "Лестница Б, этаж 2", "medium", "verified", -3, pictures=("step",)),
    Defect(HOME, "Неровность стяжки 12 мм", "Кв. 9, коридор", "medium", "closed", -6,
           comments=(("inspector", "Проверили двухметровой рейкой: 2 мм."),), pictures=("floor",)),
    Defect(HOME, "Ржавчина на перилах", "Лестница А, этаж 5", "low", "closed", -5, "mechanic", pictures=("rust",)),
    Defect(HOME, "Плесень в углу", "Кв. 3, спальня", "high", "reopened", -1,
           comments=(("inspector", "Через неделю проступила снова: промерзает угол."),), pictures=("mould", "mould")),
    Defect(HOME, "Перекос дверной коробки", "Кв. 22, вход", "medium", "new"),
    Defect(HOME, "Шум вентиляции", "Кв. 40, кухня", "low", "rejected",
           comments=(("manager", "32 дБ ночью — в норме."),)),
    Defect(HOME, "Трещины в штукатурке", "Этаж 7, холл", "low", "assigned", 6, pictures=("crack",)),
    Defect(HOME, "Не работает домофон", "Подъезд 2", "medium", "closed", -8, "mechanic"),
    Defect(
        HALL, "Трещина в плите пола", "Ось 4–5, ряд В", "high", "in_progress", 4,
        comments=(("engineer", "Разделка шва готова, ждём состав."),), pictures=("crack", "floor"),
    ),
    Defect(HALL, "Подтекает узел ввода воды", "Тепловой пункт", "high", "assigned", 0, "mechanic", pictures=("leak",)),
    Defect(HALL, "Коррозия закладных деталей", "Колонна 12", "critical", "fixed", -1, pictures=("rust",)),
    Defect(HALL, "Не затянуты болты фермы", "Ферма Ф-3", "critical", "verified", -2, "mechanic",
           (("inspector", "Момент проверен ключом: 220 Н·м, все 16."),), ("bolts",)),
    Defect(HALL, "Повреждена огнезащита балки", "Балка Б-7", "high", "new", pictures=("rust",)),
    Defect(HALL, "Зазор под воротами 30 мм", "Ворота 1", "low", "fixed", 5, "mechanic"),
    Defect(HALL, "Нет заземления щита", "ЩС-2", "critical", "closed", -4, "mechanic", pictures=("socket",)),
    Defect(HALL, "Отклонение колонны 14 мм", "Колонна 9", "high", "assigned", -3,
           comments=(("manager", "Нужно решение проектировщика."),)),
    Defect(HALL, "Скол бетона на пандусе", "Рампа", "low", "new", pictures=("step",)),
    Defect(HALL, "Треснула плитка в раздевалке", "АБК, раздевалка", "low", "in_progress", 8, pictures=("tile",)),
    Defect(HALL, "Повторная заявка: ворота", "Ворота 1", "low", "rejected"),
)  # fmt: skip
