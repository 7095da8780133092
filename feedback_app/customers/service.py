"""Writes about customers: made or brought up to date from what a file says of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_app.customers.models import Customer


@dataclass(frozen=True, slots=True)
class CustomerDetails:
    """What a file says of a customer; an empty field says nothing. `reference` or else `email` tells who it is."""

    reference: str = ""
    email: str = ""
    name: str = ""
    kind: str = ""
    audience: str = ""
    phone: str = ""
    language: str = ""
    company: str = ""  # the company's reference, or else its name
    company_role: str = ""
    segment: str = ""
    city: str = ""
    age_group: str = ""

    @property
    def key(self) -> str:
        """What tells this customer from others, or "" where nothing does."""
        return self.reference or self.email.lower()


def remember_customers(session: Session, details: Iterable[CustomerDetails], now: datetime) -> dict[str, Customer]:
    """Return the customer of each key among `details`, making those that are new and filling in what is said.

    Two queries and two inserts whatever the number. Companies that are named are made first, as customers of kind
    "company".
    """
    wanted = {one.key: one for one in details if one.key}
    companies = _companies(session, {one.company for one in wanted.values() if one.company}, now)
    known = _known(session, wanted.values())
    for key, one in wanted.items():
        customer = known.get(key)
        if customer is None:
            customer = known[key] = Customer(kind="person", audience="external", created_at=now, name="")
            session.add(customer)
        _fill_in(customer, one, companies.get(one.company))
    session.flush()
    return {key: known[key] for key in wanted}


def _known(session: Session, details: Iterable[CustomerDetails]) -> dict[str, Customer]:
    details = list(details)
    references = [one.reference for one in details if one.reference]
    emails = [one.email.lower() for one in details if not one.reference]
    found: dict[str, Customer] = {}
    if references:
        for customer in session.scalars(sa.select(Customer).where(Customer.reference.in_(references))):
            found[customer.reference or ""] = customer
    if emails:
        query = sa.select(Customer).where(Customer.email.in_(emails)).order_by(Customer.id.desc())
        for customer in session.scalars(query):
            found[customer.email or ""] = customer
    return found


def _companies(session: Session, names: set[str], now: datetime) -> dict[str, Customer]:
    if not names:
        return {}
    by_name = sa.and_(Customer.kind == "company", Customer.name.in_(names))
    found: dict[str, Customer] = {}
    for company in session.scalars(sa.select(Customer).where(sa.or_(Customer.reference.in_(names), by_name))):
        for label in {company.reference, company.name} & names:
            found[label or ""] = company
    for name in names - found.keys():
        found[name] = Customer(kind="company", audience="external", name=name, created_at=now)
        session.add(found[name])
    session.flush()
    return found


def _fill_in(customer: Customer, details: CustomerDetails, company: Customer | None) -> None:
    for field in fields(details):
        value = getattr(details, field.name)
        if value and field.name not in {"company", "email"}:
            setattr(customer, field.name, value)
    if details.email:
        customer.email = details.email.lower()
    if company is not None and company is not customer:
        customer.company_id = company.id
