"""The erasure concept is complete: every table of ours has one decision, and every row that stays has a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Model

from deletion.plan import PLAN, decisions
from deletion.scope import ROWS

OURS = (
    "compliance_portal",
    "customers",
    "deletion",
    "dpa",
    "evidence",
    "jobs",
    "notifications",
    "privacy_text",
    "publishing",
    "subprocessors",
    "subscriptions",
    "toms",
)


def undecided(tables: Iterable[type[Model]], decided: Iterable[type[Model]]) -> list[str]:
    """Return the tables without a decision and those with two."""
    counted = Counter(decided)
    return sorted(model._meta.label for model in tables if counted[model] != 1)


def tables() -> list[type[Model]]:
    return [model for name in OURS for model in apps.get_app_config(name).get_models(include_auto_created=True)]


def test_every_table_of_ours_has_exactly_one_decision() -> None:
    assert undecided(tables(), (model for model, _kept in decisions())) == []


def test_the_walk_reaches_every_app_and_the_tables_that_django_makes_itself() -> None:
    labels = {model._meta.label for model in tables()}
    assert {"customers.User", "customers.User_groups", "dpa.Acceptance", "subscriptions.Subscription", "evidence.Event"} <= labels
    ours = {config.label for config in apps.get_app_configs() if "site-packages" not in config.path}
    assert ours == set(OURS)


def test_a_table_without_a_decision_and_one_with_two_are_found() -> None:
    class Forgotten(models.Model):
        class Meta:
            app_label = "erasure_plan_test"
            managed = False

    model = tables()[0]
    assert undecided([Forgotten], []) == ["erasure_plan_test.Forgotten"]
    assert undecided([model], [model, model]) == [model._meta.label]
    assert undecided([model], [model]) == []


@pytest.mark.parametrize(
    ("model", "kept"), [pytest.param(*entry, id=entry[0]._meta.label) for entry in decisions() if entry[1] is not None]
)
def test_whatever_stays_has_a_reason_a_norm_and_a_period(model: type[Model], kept: tuple[str, str, str]) -> None:
    assert len(kept) == 3
    assert all(text.strip() for text in kept)


def test_rows_go_before_the_rows_they_refer_to_and_the_company_goes_last() -> None:
    erased = [model for part in PLAN for model in part.erases]
    assert PLAN[-1].app == "customers"
    position = {model: number for number, model in enumerate(erased)}
    for model in erased:
        for field in model._meta.get_fields():
            target = field.related_model
            if (
                field.concrete
                and field.is_relation
                and isinstance(target, type)
                and target in position
                and target is not model
                and not field.null
            ) and not field.many_to_many:
                assert position[model] < position[target], (model, target)


def test_whatever_is_erased_is_counted_on_the_page() -> None:
    erased = {model for model, kept in decisions() if kept is None}
    assert erased <= ROWS.keys()
    assert ROWS.keys() <= {model for model, _kept in decisions()}
