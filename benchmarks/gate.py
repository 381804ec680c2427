"""The gate's price on pages that look at the user, and on requests without a session: instructions, and queries."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from benchmarks import _gate_requests
from benchmarks.measuring import Goal, address_of, at_most, instructions

FEW, MANY = 20, 120
PAGES, GATES = ("account", "anonymous"), ("present", "absent")


def measure() -> Iterable[Goal]:
    """Yield the gate's goals: with the gate against the same portal without it, once, since counts of instructions repeat."""
    session = prepare()
    environment = {"DATABASE_URL": address_of(connection.settings_dict["NAME"])}
    connection.close()
    cost = {page: per_request(page, session, environment) for page in PAGES}
    queries = {gate: _gate_requests.queries(gate, session) for gate in GATES}
    yield at_most("gate: page that loads the user, instructions", cost["account"], 1.01)
    yield at_most("gate: request without a session, instructions", cost["anonymous"], 1.005)
    yield at_most("gate: queries that it adds", queries["present"] - queries["absent"], 0, "queries")


def prepare() -> str:
    """Make somebody with an agreement in force, signed in; return the session's key."""
    from django.test import Client

    from tests.factories import customers as people

    people.provider()
    client = Client()
    client.force_login(people.owner(people.customer()))
    return str(client.session.session_key)


def per_request(page: str, session: str, environment: dict[str, str]) -> float:
    """Return what one request costs with the gate over what it costs without: many less few, so that the process's start falls out."""
    runs = {f"{gate} {number}": ("benchmarks._gate_requests", page, gate, session, str(number)) for gate in GATES for number in (FEW, MANY)}
    counts = instructions(runs, environment)
    present, absent = (counts[f"{gate} {MANY}"] - counts[f"{gate} {FEW}"] for gate in GATES)
    return present / absent
