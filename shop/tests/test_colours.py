"""Colours that can be read: the law of contrast, and the nearest colour that keeps it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devstack.state import ROOT
from shop.colours import (
    DARK,
    LIGHT,
    SURFACES,
    contrast,
    is_readable,
    least_contrast,
    nearest_readable,
    normal_colour,
    palette,
)
from shop.look import Look

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
    ],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert round(contrast(one, other), 2) == ratio == round(contrast(other, one), 2)


@given(colour=colours, mode=st.sampled_from([LIGHT, DARK]))
def test_whatever_was_chosen_there_is_a_colour_that_can_be_read(colour: str, mode: str) -> None:
    nearest = nearest_readable(colour=colour, mode=mode)
    assert is_readable(colour=nearest, mode=mode)
    assert (nearest == colour) is is_readable(colour=colour, mode=mode)
    painted = palette(colour=nearest, mode=mode)
    for ground in (*SURFACES[mode], painted.soft):
        assert contrast(nearest, ground) >= 4.5
    assert contrast(painted.ink, painted.main) >= 4.5


@given(colour=colours)
def test_the_nearest_is_no_further_than_it_must_be(colour: str) -> None:
    for mode in (LIGHT, DARK):
        nearest = nearest_readable(colour=colour, mode=mode)
        assert nearest == colour or least_contrast(colour=nearest, mode=mode) < 4.9


def test_the_hue_stays() -> None:
    assert nearest_readable(colour="#ff9900", mode=LIGHT) == "#9e5d00"
    assert nearest_readable(colour="#8a2be2", mode=DARK) == "#b47cff"


@pytest.mark.parametrize(("typed", "stored"), [("#14532D", "#14532d"), ("14532d", "#14532d"), (" #fA0 ", "#ffaa00")])
def test_a_colour_is_typed_in_several_ways(typed: str, stored: str) -> None:
    assert normal_colour(typed) == stored


@pytest.mark.parametrize("typed", ["", "green", "#12345", "#1234567", "red;}", "#ggg"])
def test_what_is_no_colour_is_none(typed: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(typed)}$"):
        normal_colour(typed)


def test_one_colour_dresses_both_modes() -> None:
    assert Look().palettes is None
    by_day = Look(colour="#8a2be2").palettes
    assert by_day is not None
    assert [one.main for one in by_day] == ["#8a2be2", "#b47cff"]
    by_night = Look(colour_dark="#ffff00").palettes
    assert by_night is not None
    assert [one.main for one in by_night] == ["#717106", "#ffff00"]


def test_the_surfaces_are_those_of_the_window() -> None:
    light, dark = re.findall(r":root \{([^}]*)\}", (ROOT / "web" / "src" / "styles.css").read_text())[:2]
    for mode, sheet in ((LIGHT, light), (DARK, dark)):
        said = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", sheet))
        named = ("paper", "ground", "calm-soft", "red-soft")
        assert tuple(normal_colour(said[name]) for name in named) == SURFACES[mode]
