"""Content negotiation: what Accept, Accept-Encoding and Accept-Language of a request accept (RFC 9110, 12.5)."""

PROBLEM_JSON = "application/problem+json"


def prefers(accept: str | None, preferred: str, other: str) -> bool:
    """Return whether `preferred` has a higher quality than `other` in an Accept header; False without the header."""
    qualities = _qualities(accept)
    return _quality_of(preferred, qualities) > _quality_of(other, qualities)


def wants_problem(accept: str | None) -> bool:
    """Return whether an Accept header names problem details (RFC 9457)."""
    return _qualities(accept).get(PROBLEM_JSON, 0.0) > 0


def accepts_encoding(accept_encoding: str | None, encoding: str) -> bool:
    """Return whether an Accept-Encoding header names an encoding or `*` with a quality over zero."""
    qualities = _qualities(accept_encoding)
    return next((qualities[name] for name in (encoding, f"x-{encoding}", "*") if name in qualities), 0.0) > 0


def accepted_languages(accept_language: str) -> list[str]:
    """Return the languages that an Accept-Language header accepts, without their regions (`en-GB`), the best first."""
    found: dict[str, float] = {}
    for name, quality in _qualities(accept_language).items():
        primary = name.partition("-")[0]
        found[primary] = max(found.get(primary, 0.0), quality)
    return sorted((name for name, quality in found.items() if quality > 0), key=lambda name: -found[name])


def _qualities(header: str | None) -> dict[str, float]:
    """Return the quality of each name in a header."""
    qualities: dict[str, float] = {}
    for part in (header or "").lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        qualities[name] = max(qualities.get(name, 0.0), _quality(parameters))
    return qualities


def _quality(parameters: list[str]) -> float:
    """Return the `q` among the parameters of a name; 1.0 where it is missing or no number."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 1.0
    return 1.0


def _quality_of(media: str, qualities: dict[str, float]) -> float:
    """Return the quality of a type by the most exact range that matches it."""
    for name in (media, f"{media.partition('/')[0]}/*", "*/*"):
        if name in qualities:
            return qualities[name]
    return 0.0
