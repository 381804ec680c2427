"""Every table of the customers has its decision; that the decisions are carried out is tested with the engine in tests/deletion."""

from __future__ import annotations

from django.apps import apps

from customers.erasure import ERASES, KEEPS


def test_every_model_of_this_app_is_either_erased_or_kept_with_a_reason() -> None:
    ours = set(apps.get_app_config("customers").get_models())
    assert ours <= {*ERASES, *KEEPS}
    assert not {*ERASES} & {*KEEPS}
    assert all(all(texts) for texts in KEEPS.values())
