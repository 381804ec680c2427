"""Is there anything in the live installation that the erasure does not know of? A list kept by hand forgets; the catalogue does not.

Every relation of every schema, every column of a table of ours, every field that names people in a kept row, and every store is
declared in the plan or exempted here with reason, owner and date. Whatever is neither keeps the portal from starting
(``manage.py check --database default``), and an erasure from being certified.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from deletion.plan import decisions


class Exemption(NamedTuple):
    """Why something needs no decision, who said so, and when."""

    reason: str
    owner: str
    date: datetime.date


class Relation(NamedTuple):
    """Something in the catalogue that holds rows."""

    schema: str
    name: str
    is_in_our_schema: bool

    @property
    def label(self) -> str:
        return self.name if self.is_in_our_schema else f"{self.schema}.{self.name}"


DECIDED = datetime.date(2026, 11, 25)
FRAMEWORK = Exemption("names kinds of things and rights, and no customer", "privacy engineering", DECIDED)
EXEMPT_TABLES: dict[str, Exemption] = {
    "django_migrations": FRAMEWORK,
    "django_content_type": FRAMEWORK,
    "auth_permission": FRAMEWORK,
    "auth_group": FRAMEWORK,
    "auth_group_permissions": FRAMEWORK,
}
PROVIDER = Exemption("the provider's own details or texts, no customer's", "privacy engineering", DECIDED)
GOES_LATER = Exemption("goes with its row when the period of the retention rule ends", "privacy engineering", DECIDED)
EXEMPT_FIELDS: dict[str, Exemption] = {
    "deletion.ErasureRequest.plan": Exemption("numbers and keyed hashes; emptied with the certificate", "privacy engineering", DECIDED),
    "deletion.Cancellation.email": GOES_LATER,
    "deletion.CasePerson.email": GOES_LATER,
    "deletion.ErasureContact.email": GOES_LATER,
    "dpa.AcceptanceParty.address_lines": GOES_LATER,
    "dpa.AcceptanceParty.person_email": GOES_LATER,
    "dpa.AgreementVersion.parameters": PROVIDER,
    "dpa.AgreementVersion.coverage": PROVIDER,
    "dpa.AgreementText.summary": PROVIDER,
    "dpa.AgreementText.provider_facts": PROVIDER,
    "subprocessors.AnnouncedChange.entry": PROVIDER,
    "notifications.Broadcast.content": PROVIDER,
    "notifications.UpdateSubscription.email": Exemption("made without an account; its own link ends it", "privacy engineering", DECIDED),
    "customers.Provider.email": PROVIDER,
    "customers.Provider.dpo_email": PROVIDER,
}
SHORT_LIVED = Exemption("counters of rate limits and answers that end by themselves within an hour", "privacy engineering", DECIDED)
EXEMPT_STORES: dict[str, Exemption] = {
    "database default": Exemption("each of its tables is looked at by itself", "privacy engineering", DECIDED),
    "database ledger": Exemption("numbers, random references and times, to erase again after a restore", "privacy engineering", DECIDED),
    "cache default": SHORT_LIVED,
    "storage default": Exemption("the connector 'files' goes through it", "privacy engineering", DECIDED),
    "storage staticfiles": FRAMEWORK,
}
HOLDS_ANYTHING = (models.FileField, models.JSONField, models.EmailField, models.GenericIPAddressField)
# Ordinary and foreign tables, partitions, materialised views; not what an extension brought, nor another session's temporary tables.
RELATIONS = """
SELECT n.nspname, c.relname, n.oid = current_schema()::regnamespace
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2
"""
COLUMNS = """
SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY 1, 2
"""


def gaps() -> list[str]:
    """Return a sentence for everything that has neither a decision nor an exemption."""
    return [*undecided_models(), *undeclared_fields(), *undeclared_stores(), *undeclared_places()]


def undeclared_places() -> list[str]:
    found = [f"{relation.label}: a table without a decision" for relation in undeclared_relations()]
    found += [f"{table}.{column}: a column that no model knows" for table, column in unknown_columns()]
    return found + ([large] if (large := large_objects()) else [])


def declared_tables() -> set[str]:
    return {model._meta.db_table for model, _kept in decisions()} | EXEMPT_TABLES.keys()  # noqa: SLF001


def undeclared_relations() -> Iterator[Relation]:
    """Yield whatever holds rows in the live catalogue, in any schema, and has no decision."""
    known = declared_tables()
    with connection.cursor() as cursor:
        cursor.execute(RELATIONS)
        found = [Relation(*row) for row in cursor.fetchall()]
    yield from (relation for relation in found if not relation.is_in_our_schema or relation.name not in known)


def unknown_columns() -> Iterator[tuple[str, str]]:
    """Yield each column of a declared table that its model does not have: nobody decided what stands in it."""
    columns = {model._meta.db_table: columns_of(model) for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        yield from ((table, column) for table, column in cursor.fetchall() if table in columns and column not in columns[table])


def columns_of(model: type[Model]) -> set[str]:
    return {str(field.column) for field in model._meta.concrete_fields}  # noqa: SLF001


def large_objects() -> str:
    """Say whether somebody keeps large objects: they stand in no table of anybody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_largeobject_metadata")
        (number,) = cursor.fetchone()
    return f"pg_largeobject: {number} large objects that no plan knows" if number else ""


def undecided_models() -> list[str]:
    """Return every installed model, of whichever app, without exactly one decision."""
    decided = [model for model, _kept in decisions()]
    managed = (model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy)  # noqa: SLF001
    wanted = (model for model in managed if model._meta.db_table not in EXEMPT_TABLES)  # noqa: SLF001
    return [f"{model._meta.label}: {decided.count(model)} decisions" for model in wanted if decided.count(model) != 1]  # noqa: SLF001


def undeclared_fields() -> list[str]:
    """Return every field for files, and each field of a kept row that could hold anything about a person, without a reason."""
    kept = {model for model, texts in decisions() if texts is not None}
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.concrete_fields:  # noqa: SLF001
            is_risky = isinstance(field, models.FileField) or (model in kept and isinstance(field, HOLDS_ANYTHING))
            label = f"{model._meta.label}.{field.name}"  # noqa: SLF001
            if is_risky and label not in EXEMPT_FIELDS:
                found.append(f"{label}: a {type(field).__name__} whose content has no decision")
    return found


def undeclared_stores() -> list[str]:
    configured = [f"database {name}" for name in settings.DATABASES]
    configured += [f"cache {name}" for name in settings.CACHES] + [f"storage {name}" for name in settings.STORAGES]
    return [f"{name}: a store without a connector or an exemption" for name in configured if name not in EXEMPT_STORES]


@register()
def check_models(**_options: Any) -> list[Error]:
    """Refuse to start while a model, a field or a store has no decision; needs no database."""
    return errors([*undecided_models(), *undeclared_fields(), *undeclared_stores()])


@register(Tags.database)
def check_catalogue(*, databases: Any = None, **_options: Any) -> list[Error]:
    """Compare the plan with the live catalogue; runs with ``manage.py check --database default``."""
    return errors(undeclared_places()) if "default" in (databases or []) and is_migrated() else []


def is_migrated() -> bool:
    """Say whether the schema is that of this code; until then a column without a field is a migration's business."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def errors(found: list[str]) -> list[Error]:
    hint = "Decide in the app's erasure.py what a deletion does with it, or exempt it in deletion/coverage.py with a reason."
    return [Error(sentence, hint=hint, id="deletion.E001") for sentence in found]
