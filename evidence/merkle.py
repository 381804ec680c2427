"""The Merkle tree of RFC 6962, section 2.1, kept as a compact range: the roots of the perfect subtrees, largest first.

A tree of n leaves has one such root for each 1 in the binary form of n, so that appending a batch needs only those
few nodes and never the leaves before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from hashlib import sha256

HASH_LENGTH = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf(content: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 over 0x00 and the content."""
    return sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 over 0x01 and both children."""
    return sha256(b"\x01" + left + right).digest()


def extend(frontier: Sequence[bytes], size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the frontier of the tree of ``size`` leaves after more leaves were appended."""
    if len(frontier) != size.bit_count():
        raise ValueError(f"a tree of {size} leaves has {size.bit_count()} perfect subtrees, not {len(frontier)}")
    larger, smaller, nodes, remaining = list(frontier), [], list(leaves), size
    while nodes:
        if remaining & 1:
            nodes.insert(0, larger.pop())
        if len(nodes) & 1:
            smaller.append(nodes.pop())
        nodes = [node(nodes[i], nodes[i + 1]) for i in range(0, len(nodes), 2)]
        remaining >>= 1
    return larger + smaller[::-1]


def root(frontier: Sequence[bytes]) -> bytes:
    """Return the root of the tree with this frontier."""
    if not frontier:
        return EMPTY_ROOT
    return reduce(lambda right, left: node(left, right), reversed(frontier))


def unpack(packed: bytes) -> list[bytes]:
    """Return the nodes of a frontier stored as one string of bytes."""
    return [packed[i : i + HASH_LENGTH] for i in range(0, len(packed), HASH_LENGTH)]
