"""Content negotiation: which of two content types a client prefers (RFC 9110, 12.5.1)."""


def prefers(accept: str | None, preferred: str, other: str) -> bool:
    """Return whether `preferred` has a higher quality than `other` in an Accept header; False without the header."""
    qualities: dict[str, float] = {}
    for part in (accept or "").lower().split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        qualities[media] = max(qualities.get(media, 0.0), _quality(parameters))
    return _quality_of(preferred, qualities) > _quality_of(other, qualities)


def _quality(parameters: list[str]) -> float:
    """Return the `q` of a media range; 1.0 where it is missing or no number."""
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
