"""What the portal's database role may do, and how that is checked.

The role inserts and reads evidence and every other append-only table; it owns nothing. A model says what it is with a
class attribute: ``append_only`` (no UPDATE, no DELETE), ``never_changed`` (no UPDATE), ``keeps_published`` (a trigger
guards the published rows).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, router
from django.db.models import Model

ALL = ("SELECT", "INSERT", "UPDATE", "DELETE")
NEVER = ("TRUNCATE", "REFERENCES", "TRIGGER")
MIGRATIONS = "django_migrations"
EVIDENCE = ("evidence_event", "evidence_personal", "evidence_place", "evidence_seal")
TRIGGER_BITS = {"DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


class RoleTooPowerful(Exception):
    """The portal's role could lift the guards itself; the message says why."""


class Rule(NamedTuple):
    """What the role may do with a table, and which statements a trigger must refuse or judge."""

    table: str
    allowed: tuple[str, ...]
    guarded: tuple[str, ...] = ()


def rule_of(model: type[Model]) -> Rule:
    table = model._meta.db_table  # noqa: SLF001  # Django documents _meta as an API
    if getattr(model, "append_only", False):
        return Rule(table, ("SELECT", "INSERT"), ("UPDATE", "DELETE", "TRUNCATE"))
    if getattr(model, "never_changed", False):
        return Rule(table, ("SELECT", "INSERT", "DELETE"), ("UPDATE", "TRUNCATE"))
    if getattr(model, "keeps_published", False):
        return Rule(table, ALL, ("UPDATE", "DELETE"))
    return Rule(table, ALL)


def rules(database: str = DEFAULT_DB_ALIAS) -> list[Rule]:
    """Return one rule for each table of the portal in the database."""
    here = (model for model in apps.get_models(include_auto_created=True) if router.allow_migrate_model(database, model))
    found = {rule.table: rule for rule in map(rule_of, here)}
    return [*found.values(), Rule(MIGRATIONS, ("SELECT",))]


def refuse_powerful_role(cursor: Any, role: str) -> None:
    """Raise RoleTooPowerful unless the role exists, owns no table and can become nobody who does."""
    cursor.execute("SELECT rolsuper OR rolbypassrls OR rolcreaterole, rolname = current_user FROM pg_roles WHERE rolname = %s", [role])
    row = cursor.fetchone()
    if row is None:
        raise RoleTooPowerful(f"there is no role {role}: create it, or set DATABASE_APP_ROLE")
    if row[0]:
        raise RoleTooPowerful(f"{role} is a superuser or may make itself one")
    if row[1]:
        raise RoleTooPowerful(f"this command runs as {role} itself; run it as the owner of the tables")
    cursor.execute(
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
        "AND pg_has_role(%s, relowner, 'MEMBER') LIMIT 1",
        [role],
    )
    if owner := cursor.fetchone():
        raise RoleTooPowerful(f"{role} owns tables, or may act as their owner {owner[0]}")


def grant(cursor: Any, role: str) -> None:
    """Take all rights from the role and give it those of the rules; to be run in one transaction, as the owner."""
    refuse_powerful_role(cursor, role)
    quote = cursor.db.ops.quote_name
    cursor.execute("SELECT current_schema()")
    schema, name = quote(cursor.fetchone()[0]), quote(role)
    for who in (name, "PUBLIC"):
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {who}")
    cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
    cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {name}")
    for rule in rules(cursor.db.alias):
        cursor.execute(f"GRANT {', '.join(rule.allowed)} ON {quote(rule.table)} TO {name}")
    cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {', '.join(ALL)} ON TABLES TO {name}")
    cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {name}")


def deviations(cursor: Any, role: str) -> Iterator[str]:
    """Yield a sentence for everything that is not as the rules want it."""
    try:
        refuse_powerful_role(cursor, role)
    except RoleTooPowerful as error:
        yield str(error)
        return
    for rule in rules(cursor.db.alias):
        yield from grant_deviations(cursor, role, rule)
        if rule.guarded:
            yield from trigger_deviations(cursor, rule)
            yield from rewrite_deviations(cursor, rule)
    if cursor.db.alias == DEFAULT_DB_ALIAS:
        yield from foreign_key_deviations(cursor)


def let_read(cursor: Any, role: str) -> None:
    """Give the role that verifies erasures the right to read every table, and no other."""
    quote = cursor.db.ops.quote_name
    cursor.execute("SELECT current_schema()")
    schema, name = quote(cursor.fetchone()[0]), quote(role)
    cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name}")
    cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
    cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {name}")
    cursor.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {name}")


def grant_deviations(cursor: Any, role: str, rule: Rule) -> Iterator[str]:
    """Compare the role's rights, also those it has through PUBLIC, other roles or single columns."""
    for privilege in (*ALL, *NEVER):
        cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, rule.table, privilege])
        (granted,) = cursor.fetchone()
        if not granted and privilege in ("INSERT", "UPDATE", "REFERENCES"):
            cursor.execute("SELECT has_any_column_privilege(%s, %s, %s)", [role, rule.table, privilege])
            (granted,) = cursor.fetchone()
        if granted and privilege not in rule.allowed:
            yield f"{rule.table}: {role} may {privilege}"
        if not granted and privilege in rule.allowed:
            yield f"{rule.table}: {role} may not {privilege}"


def trigger_deviations(cursor: Any, rule: Rule) -> Iterator[str]:
    """Require a trigger before each guarded statement that neither its owner's session nor replication passes by."""
    cursor.execute(
        "SELECT tgname, tgenabled::text, tgtype, tgqual IS NOT NULL FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
        [rule.table],
    )
    covered = 0
    for name, enabled, kind, conditional in cursor.fetchall():
        if enabled != "A":
            yield f"{rule.table}: trigger {name} is not ENABLE ALWAYS"
        elif kind & 2 and not conditional:
            covered |= kind
    for statement in rule.guarded:
        if not covered & TRIGGER_BITS[statement]:
            yield f"{rule.table}: no enabled trigger guards {statement}"


def rewrite_deviations(cursor: Any, rule: Rule) -> Iterator[str]:
    """A rule can swallow an INSERT silently, row security can hide rows; guarded tables have neither."""
    cursor.execute("SELECT rulename FROM pg_rules WHERE schemaname = current_schema() AND tablename = %s", [rule.table])
    for (name,) in cursor.fetchall():
        yield f"{rule.table}: rule {name} rewrites statements"
    cursor.execute("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", [rule.table])
    if cursor.fetchone()[0]:
        yield f"{rule.table}: row security is on"


def foreign_key_deviations(cursor: Any) -> Iterator[str]:
    """A foreign key would let a cascade reach evidence, or let evidence keep something else from being erased."""
    cursor.execute(
        "SELECT conname, conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint "
        "WHERE contype = 'f' AND (conrelid = ANY(%s::regclass[]) OR confrelid = ANY(%s::regclass[]))",
        [list(EVIDENCE), list(EVIDENCE)],
    )
    for name, source, target in cursor.fetchall():
        yield f"{source}: foreign key {name} to {target}"
