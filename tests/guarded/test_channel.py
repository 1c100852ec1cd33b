"""Messages and their blocks, handed over as files and, as on Windows, through the socket."""

import socket
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from genre_core.guarded import channel
from genre_core.guarded.channel import Channel


@pytest.fixture(params=[True, False])
def ends(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Channel, Channel]]:
    if request.param and not channel.SHARES:
        pytest.skip("this system hands over no descriptors")
    monkeypatch.setattr(channel, "SHARES", request.param)
    one, other = (Channel(end) for end in socket.socketpair())
    yield one, other
    one.close()
    other.close()


PARTS = {
    "nothing": [],
    "empty": [np.empty(0, np.float32)],
    "small": [b"abc"],
    "two": [np.arange(300_000, dtype=np.float32), b"", b"end"],
}


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_what_is_sent_arrives(ends: tuple[Channel, Channel], parts: list[object]) -> None:
    one, other = ends
    message = {"name": "Séance \ud800", "long": "x" * 300_000}
    for _ in range(3):  # each message ends where the next begins
        sender = threading.Thread(target=one.send, args=(message, parts))
        sender.start()
        received, block = other.receive()
        sender.join()
        content = b"".join(bytes(part) for part in parts)
        assert received == message
        assert (b"" if block is None else bytes(block.map())) == content


def test_a_block_can_be_read_as_a_source(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    one.send({}, [b"abc"])
    _, block = other.receive()
    source = block.source()
    assert (source if isinstance(source, bytes) else source.read_bytes()) == b"abc"
    block.close()


def test_a_closed_end_is_a_connection_error(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    one.close()
    with pytest.raises(ConnectionError):
        other.receive()
    with pytest.raises(ConnectionError):
        other.send({})


def test_looking_ends_the_wait(ends: tuple[Channel, Channel]) -> None:
    def look() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        ends[0].receive(look)


def test_a_block_is_written_over_once_nobody_reads_it(ends: tuple[Channel, Channel]) -> None:
    one, other = ends

    def received(content: bytes) -> object:
        one.send({}, [content])
        _, block = other.receive()
        other.send({})  # tells what was let go
        one.receive()
        return block.map()

    kept = [received(bytes([k]) * 50_000) for k in range(6)]
    for k in range(6):
        assert bytes(received(bytes([99 - k]) * (1_000 + k))) == bytes([99 - k]) * (1_000 + k)
    assert [bytes(content) for content in kept] == [bytes([k]) * 50_000 for k in range(6)]
    if channel.SHARES:
        del kept
        received(b"one")
        n_files = len({id(file) for file in (*one._spare, *one._lent.values())})
        assert 1 <= n_files <= channel._MOST_KEPT
        before = set(map(id, one._spare))
        one.send({}, [b"two"])
        assert before - set(map(id, one._spare))


def test_blocks_of_any_sizes_are_written_over_one_another(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    for k, size in enumerate((5_000, 5_000, 9_000, 9_000, 3_000, 3_000, 200_000, 1, 9_000)):
        parts = [bytes([k]) * (size // 2), bytes([k + 100]) * (size - size // 2)]
        one.send({}, parts)
        assert bytes(other.receive()[1].map()) == b"".join(parts)
        other.send({})  # tells what was let go
        one.receive()


def test_a_large_block_is_not_kept(
    ends: tuple[Channel, Channel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "_MOST_KEPT_BYTES", 10)
    one, other = ends
    one.send({}, [b"x" * 11])
    assert bytes(other.receive()[1].map()) == b"x" * 11
    assert not one._lent


def test_a_part_may_write_itself(ends: tuple[Channel, Channel]) -> None:
    one, other = ends
    one.send({}, [b"ab", lambda file: file.write(b"cd"), b"ef"])
    assert bytes(other.receive()[1].map()) == b"abcdef"
