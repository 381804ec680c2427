"""What import-linter cannot see: relations written as strings, pins that protect, the compose file and the settings."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.db import connection
from django.db.backends.postgresql.psycopg_any import is_psycopg3

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
LONGEST_FILE, LONGEST_FUNCTION = 340, 45  # lines; the aim is 300 and 25
LEVELS = {app.strip(): level for level, line in enumerate(CONTRACTS["apps"]["layers"]) for app in line.split("|")}


def test_every_relation_points_down_or_stays():
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.app_label
        for field in model._meta.get_fields():
            if label in LEVELS and field.is_relation and field.concrete and field.related_model:
                target = field.related_model._meta.app_label
                if target in LEVELS and target != label and LEVELS[target] <= LEVELS[label]:
                    wrong.append(f"{label}.{model.__name__}.{field.name} -> {target}")
    assert wrong == []


def test_every_app_of_ours_has_its_layer_and_its_folder_contract():
    ours = {config.label for config in apps.get_app_configs() if (ROOT / config.label).is_dir()}
    assert ours <= set(LEVELS)


def test_the_driver_is_psycopg_2():
    assert not is_psycopg3


@pytest.mark.django_db
def test_every_foreign_key_is_the_first_column_of_an_index():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.conrelid::regclass || '.' || a.attname FROM pg_constraint c
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
            WHERE c.contype = 'f' AND NOT EXISTS (
                SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
            """
        )
        assert [name for (name,) in cursor.fetchall()] == []


def test_the_compose_file_sets_the_variables_that_settings_read():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    source = (ROOT / "compliance_portal" / "settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|required)\(\s*"([A-Z_]+)"', source))
    given = set(compose["services"]["web"]["environment"])
    assert read - {"PORTAL_DEMO"} == given
    assert {"postgres", "ledger", "valkey", "migrate", "web", "worker", "beat", "proxy"} == set(compose["services"])


def test_no_function_and_no_file_outgrows_its_reader():
    import ast

    long = []
    for path in ROOT.glob("*/**/*.py"):
        first = path.relative_to(ROOT).parts[0]
        if first not in LEVELS or "migrations" in path.parts:
            continue
        text = path.read_text()
        if text.count("\n") > LONGEST_FILE:
            long.append(str(path.relative_to(ROOT)))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > LONGEST_FUNCTION:
                long.append(f"{path.relative_to(ROOT)}:{node.name}")  # noqa: PERF401 - the walk reads better so
    assert long == []
