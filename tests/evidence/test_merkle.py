"""RFC 6962, section 2.1."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import merkle

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [  # published with the reference implementation of RFC 6962
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(contents: list[bytes]) -> bytes:
    """The definition of the RFC, word for word, without anything of ours."""
    if not contents:
        return sha256(b"").digest()
    if len(contents) == 1:
        return sha256(b"\x00" + contents[0]).digest()
    split = 1
    while split * 2 < len(contents):
        split *= 2
    return sha256(b"\x01" + naive_root(contents[:split]) + naive_root(contents[split:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_published_for_rfc_6962(size: int) -> None:
    leaves = [merkle.leaf(bytes.fromhex(content)) for content in LEAVES[:size]]
    assert merkle.root(merkle.extend([], 0, leaves)).hex() == ROOTS[size - 1]


def test_the_root_of_no_events_is_the_hash_of_nothing() -> None:
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_every_size_up_to_512_has_the_root_of_the_definition() -> None:
    contents = [number.to_bytes(2) for number in range(512)]
    frontier: list[bytes] = []
    for size in range(1, 513):
        frontier = merkle.extend(frontier, size - 1, [merkle.leaf(contents[size - 1])])
        expected = naive_root(contents[:size])
        assert merkle.root(frontier) == expected
        at_once = merkle.extend([], 0, [merkle.leaf(content) for content in contents[:size]])
        assert at_once == frontier


@given(st.lists(st.integers(min_value=0, max_value=70), max_size=8))
def test_however_the_batches_are_cut_the_frontier_is_the_same(batches: list[int]) -> None:
    leaves = [merkle.leaf(number.to_bytes(4)) for number in range(sum(batches))]
    frontier, size = [], 0
    for batch in batches:
        frontier = merkle.extend(frontier, size, leaves[size : size + batch])
        size += batch
    assert frontier == merkle.extend([], 0, leaves)
    assert merkle.unpack(b"".join(frontier)) == frontier


def test_a_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="3 leaves has 2 perfect subtrees, not 1"):
        merkle.extend([merkle.leaf(b"")], 3, [])
