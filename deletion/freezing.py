"""The plan of one erasure, frozen before the first row goes: memberships vanish half-way, and code may change meanwhile."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from customers.erasure import people_of, session_keys
from customers.models import Customer, Membership, User
from deletion.connectors import Connector, Scope
from deletion.datasets import LETTERS_OF_THE_END, LETTERS_TO_OWNERS, STORE, Dataset, datasets, registry_sha256
from deletion.models import ErasureRequest, ErasureStep, LegalHold
from deletion.retention import kept_now
from deletion.scope import addresses_of
from publishing.canonical import canonical_json


def freeze(request: ErasureRequest, stores: dict[str, Connector]) -> dict[str, Any]:
    """Write the steps in their order and return what the request stores of the plan: numbers and keyed hashes, no names.

    Files go before the rows that know of them, the company last. A second call finds the steps and adds nothing.
    """
    plan = scope_of_plan(request)
    parts = [(f"store:{name}", name, connector.method) for name, connector in sorted(stores.items())]
    parts += [(dataset.key, STORE, "rows deleted") for dataset in datasets()]
    steps = [
        ErasureStep(request=request, ordinal=number, dataset=key, store=store, method=method)
        for number, (key, store, method) in enumerate(parts, start=1)
    ]
    ErasureStep.objects.bulk_create(steps, ignore_conflicts=True)
    frozen = canonical_json({"scope": plan, "steps": [key for key, _store, _method in parts]})
    return {"plan": plan, "plan_sha256": hashlib.sha256(frozen).hexdigest(), "registry_sha256": registry_sha256(stores)}


def scope_of_plan(request: ErasureRequest) -> dict[str, Any]:
    customer = Customer.objects.filter(pk=request.number).first()
    types = ContentType.objects.get_for_models(Customer, User)
    return {
        "account": request.number,
        "people": sorted(people_going(request).values_list("pk", flat=True)),
        "addresses": sorted(keyed(request, address) for address in addresses_of(customer)) if customer else [],
        "customer_type": types[Customer].pk,
        "person_type": types[User].pk,
        "kept": kept_now(customer) if customer else {},
    }


def people_going(request: ErasureRequest) -> QuerySet[User]:
    """Return the people who go with the account; a legal hold on another company that is closed keeps that one's people as well."""
    held = Membership.objects.filter(customer__reference__in=LegalHold.objects.held_accounts()).exclude(customer=request.number)
    return people_of(request.number).exclude(pk__in=held.values("user"))


def salt_of(request: ErasureRequest) -> str:
    """Return the key of this request's hashes; it is derived and stored nowhere, and without it they say nothing."""
    return salted_hmac("deletion.addresses", request.reference, algorithm="sha256").hexdigest()


def keyed(request: ErasureRequest, address: str) -> str:
    return hashlib.sha256((salt_of(request) + address.lower()).encode()).hexdigest()


def values_for(request: ErasureRequest, dataset: Dataset) -> dict[str, Any]:
    """Return the values of the dataset's predicate; session keys are found anew each time, since they are stored nowhere."""
    plan = dict(request.plan or {})
    values = {**plan, "salt": salt_of(request), "letters": list(LETTERS_OF_THE_END), "told_owners": list(LETTERS_TO_OWNERS)}
    if "%(requests)s" in dataset.where:
        values["requests"] = requests_of(request)
    if "%(sessions)s" in dataset.where:
        values["sessions"] = list(session_keys(plan["people"]))
    return values


def requests_of(request: ErasureRequest) -> list[str]:
    """Return the references of everything that was ever asked for about the company's account."""
    return list(ErasureRequest.objects.filter(customer_reference=request.customer_reference).values_list("reference", flat=True))


def scope_for_stores(request: ErasureRequest) -> Scope:
    return Scope(reference=str(request.customer_reference), number=request.number, request=request.reference)
