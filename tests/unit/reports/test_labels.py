"""Labels of charts stay apart, however they are cut."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.reports.render.labels import distinct

LINES = [f"LINE-{line} Линия розлива №{line}, {shift} смена" for line in (1, 2) for shift in ("дневная", "ночная")]


def test_a_short_label_stays_as_it_is() -> None:
    assert distinct(["08:00", "09:00"], 12) == ["08:00", "09:00"]


def test_what_tells_labels_apart_is_kept() -> None:
    cut = distinct(LINES, 24)
    assert [label[:6] for label in cut] == ["LINE-1", "LINE-1", "LINE-2", "LINE-2"]
    assert ["ночная" in label for label in cut] == [False, True, False, True]


words = st.text("абв 1", max_size=60) | st.sampled_from(LINES)


@given(st.lists(words, max_size=40), st.integers(12, 40))
def test_no_two_labels_are_equal_and_none_is_too_long(labels: list[str], limit: int) -> None:
    cut = distinct(labels, limit)
    assert len(set(cut)) == len(labels)
    assert all(len(label) <= limit for label in cut)
