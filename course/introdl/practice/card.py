"""A model card: one page that says what a model is for, how good, for whom, and where it ends (Mitchell 2019)."""

from collections.abc import Mapping

PARTS = ("model", "use", "not for", "data", "results", "groups", "limits", "made with")


def model_card(name: str, facts: Mapping[str, str | Mapping[str, object]]) -> str:
    """Return the card as Markdown. facts: for each of PARTS a text, or {what: value}, floats shown to three digits.

    Raises ValueError when a part is missing, empty or unknown: a card with holes reassures and says nothing.
    """
    missing, unknown = [part for part in PARTS if not facts.get(part)], [part for part in facts if part not in PARTS]
    if missing or unknown:
        said = [f"{what} {', '.join(parts)}" for what, parts in (("lack", missing), ("have unknown", unknown)) if parts]
        raise ValueError(f"facts {' and '.join(said)}, expected {', '.join(PARTS)}")
    lines = [f"# {name}"]
    for part in PARTS:
        lines += ["", f"## {part[0].upper()}{part[1:]}", ""]
        fact = facts[part]
        lines += [fact] if isinstance(fact, str) else [f"- {what}: {_shown(value)}" for what, value in fact.items()]
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
