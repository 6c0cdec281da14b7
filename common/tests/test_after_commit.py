"""What Redis hears after a commit: all of one transaction at once, nothing of what was rolled back."""

from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from common import after_commit, counters, redis
from common.transactions import unit_of_work
from devstack.servers import ValkeyServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def conversations(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the commands of each conversation with Redis."""
    seen: list[int] = []
    really = redis.ImpatientPipeline.execute

    def execute(pipeline: Any, raise_on_error: bool = True) -> Any:
        seen.append(len(pipeline))
        return really(pipeline, raise_on_error)

    monkeypatch.setattr(redis.ImpatientPipeline, "execute", execute)
    return seen


def test_everything_of_one_transaction_goes_in_one_conversation(conversations: list[int]) -> None:
    redis.client().mset({"a": 1, "b": 1, "c": 1, "d": 1})
    raised: list[str] = []
    with unit_of_work():
        after_commit.delete(["a"])
        after_commit.raise_flag("flag", seconds=30, raised=lambda: raised.append("flag"))
        after_commit.delete(["b", "c", "a"])
        after_commit.raise_flag("flag", seconds=30, raised=lambda: raised.append("flag"))
        assert conversations == []
    assert conversations == [2]
    assert raised == ["flag"]
    assert redis.client().mget("a", "b", "c", "d") == [None, None, None, b"1"]
    assert 0 < redis.client().ttl("flag") <= 30


def test_who_finds_the_flag_up_is_not_called() -> None:
    raised: list[int] = []
    for number in range(3):
        with unit_of_work():
            after_commit.raise_flag("flag", seconds=30, raised=lambda number=number: raised.append(number))  # type: ignore[misc]
    assert raised == [0]
    redis.client().delete("flag")
    with unit_of_work():
        after_commit.raise_flag("flag", seconds=30, raised=lambda: raised.append(9))
    assert raised == [0, 9]


def deleted_in_vain(key: str) -> None:
    """Delete a key, and fail."""
    after_commit.delete([key])
    raise ZeroDivisionError


def test_nothing_is_heard_of_what_was_rolled_back(conversations: list[int]) -> None:
    redis.client().mset({"a": 1, "b": 1, "c": 1})
    with pytest.raises(ZeroDivisionError), unit_of_work():
        deleted_in_vain("a")
    assert conversations == []
    with unit_of_work():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            deleted_in_vain("a")
        after_commit.delete(["b"])
        with transaction.atomic():
            after_commit.delete(["c"])
    assert redis.client().mget("a", "b", "c") == [b"1", None, None]


def test_without_a_transaction_it_happens_at_once() -> None:
    redis.client().set("a", 1)
    after_commit.delete(["a"])
    assert redis.client().get("a") is None


@pytest.mark.django_db(transaction=False)
def test_what_a_test_has_not_committed_takes_nothing_along(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    after_commit.delete(["a"])
    with django_capture_on_commit_callbacks() as errands:
        after_commit.delete(["b"])
    assert [one.keys for one in errands] == [{"b"}]  # type: ignore[attr-defined]


@pytest.mark.fault("D10")
def test_without_redis_the_commit_stands(redis_server: ValkeyServer, settings: Any) -> None:
    settings.REDIS_URL = redis_server.url
    redis_server.kill()
    before = counters.read("after_commit_unreachable")
    with unit_of_work():
        after_commit.delete(["a"])
    assert counters.read("after_commit_unreachable") == before + 1
    redis.breaker.reset()
