"""What a test leaves in its thread is gone when the next one begins."""

import pytest
from django.utils import timezone, translation


@pytest.mark.parametrize("turn", [1, 2])
def test_language_and_zone_of_another_test_are_forgotten(turn: int) -> None:
    assert translation.get_language() == "pt-br"
    assert timezone.get_current_timezone_name() == timezone.get_default_timezone_name()
    translation.activate("en")
    timezone.activate("Asia/Tokyo")
