"""What a running stack leaves in var/: private, whole at any moment, and never believed when its owner is gone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from devstack import state

HERE = state.State(pid=os.getpid(), database_url="postgres://a:b@127.0.0.1:1/c", redis_url="redis://:d@127.0.0.1:2/0")


def test_a_state_is_read_back_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    state.write(HERE, var=tmp_path)
    assert state.read(var=tmp_path) == HERE
    assert stat.S_IMODE(state.state_file(tmp_path).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["devstack.json"]


def test_a_private_file_is_never_looser_than_it_should_be_even_when_it_replaces_a_loose_one(tmp_path: Path) -> None:
    loose = tmp_path / "devstack.json"
    loose.write_text("{}")
    loose.chmod(0o666)
    state.write(HERE, var=tmp_path)
    assert stat.S_IMODE(loose.stat().st_mode) == 0o600


def test_the_state_of_a_dead_supervisor_does_not_count(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    state.write(state.State(pid=child.pid, database_url="x", redis_url="y"), var=tmp_path)
    assert state.read(var=tmp_path) is None


def test_missing_damaged_and_foreign_files_do_not_count(tmp_path: Path) -> None:
    assert state.read(var=tmp_path) is None
    for text in ("", "{", "[]", '{"pid": 1}', '{"pid": 1, "database_url": "", "redis_url": "", "more": 1}'):
        state.state_file(tmp_path).write_text(text)
        assert state.read(var=tmp_path) is None


def test_ports_and_passwords_are_the_same_on_the_next_run(tmp_path: Path) -> None:
    first = state.remembered(var=tmp_path)
    assert state.remembered(var=tmp_path) == first
    assert first.postgres_password != first.valkey_password
    assert first.postgres_port != first.valkey_port
    assert stat.S_IMODE((tmp_path / "devstack-memory.json").stat().st_mode) == 0o600


def test_a_lock_has_one_holder_who_may_leave_a_note(tmp_path: Path) -> None:
    holder, other = state.Lock("shop", var=tmp_path), state.Lock("shop", var=tmp_path)
    assert holder.take() is True
    holder.note("http://127.0.0.1:8000")
    assert other.take() is False
    assert other.read_note() == "http://127.0.0.1:8000"
    holder.release()
    assert other.take() is True
    assert other.read_note() == ""
    other.release()
