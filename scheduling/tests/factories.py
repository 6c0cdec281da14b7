"""A salon with people, hours and services, and customers who book them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Min

from catalog.models import Category, Product, Variant
from common.actors import Actor
from common.idempotency import StoredResponse
from common.keys import IdempotencyKey
from common.models import OutboxMessage
from common.transactions import run_unit_of_work
from common.use_cases import answered
from scheduling import answers
from scheduling import services as scheduling
from scheduling.models import (
    Appointment,
    AvailabilityRule,
    Combination,
    Professional,
    ProfessionalService,
    Room,
    Service,
)
from scheduling.services import Booked, Booker, Candidate, Wish
from shop import services as shop

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday, nine in the morning in São Paulo."""

GUEST = Actor(kind="guest", id="", door="api")
STAFF = Actor(kind="staff", id="1", door="admin")
SYSTEM = Actor(kind="system", id="", door="task")
OPENS, CLOSES = 9 * 60, 18 * 60


@dataclass(frozen=True)
class Salon:
    """The professionals and services of a test, by name."""

    people: Mapping[str, Professional]
    services: Mapping[str, Service]

    def id(self, name: str) -> UUID:
        """Return the public id of a professional."""
        return self.people[name].public_id


def at(hour: int, minute: int = 0, *, day: int = 1) -> datetime:
    """Return a wall-clock time of the shop, `day` days after MONDAY; the shop is three hours behind UTC."""
    return datetime(2026, 3, 2, 3, 0, tzinfo=UTC) + timedelta(days=day, hours=hour, minutes=minute)


def service(*, sku: str = "CORTE", price: str = "50.00", minutes: int = 30, **columns: Any) -> Service:
    """Return a published service; `columns` are those of Service."""
    category, _made = Category.objects.get_or_create(slug="servicos", defaults={"name": "Serviços"})
    product = Product.objects.create(
        kind="service",
        slug=sku.lower(),
        name=sku.title(),
        category=category,
        status="published",
        created_at=MONDAY,
        updated_at=MONDAY,
    )
    variant = Variant.objects.create(sku=sku, product=product, price=Decimal(price))
    return Service.objects.create(variant=variant, duration_minutes=minutes, **columns)


def combination(*services: Service, price: str = "70.00", minutes: int = 45) -> Combination:
    """Return a combination of services."""
    return scheduling.keep_combination(
        combination=Combination(price=Decimal(price), duration_minutes=minutes), services=services
    )


def professional(
    *, name: str = "Ana", performs: Sequence[Service] = (), days: Sequence[int] = range(7), **columns: Any
) -> Professional:
    """Return somebody who works from nine to six on the given weekdays."""
    person = Professional.objects.create(name=name, **columns)
    ProfessionalService.objects.bulk_create([ProfessionalService(professional=person, service=one) for one in performs])
    AvailabilityRule.objects.bulk_create(
        [AvailabilityRule(professional=person, weekday=day, opens=OPENS, closes=CLOSES) for day in days]
    )
    return person


def salon(*, names: Sequence[str] = ("Ana",), rooms: Sequence[str] = (), **columns: Any) -> Salon:
    """Return a salon with one service, CORTE, that everybody performs, in any of the rooms."""
    cut = service(**columns)
    cut.rooms.set([Room.objects.create(name=name) for name in rooms])
    return Salon(people={name: professional(name=name, performs=[cut]) for name in names}, services={"CORTE": cut})


def set_policy(**numbers: Any) -> None:
    """Change the shop's policy."""
    for key, value in numbers.items():
        shop.set_policy(key=key, value=value, actor=STAFF, now=MONDAY)


def wish(starts_at: datetime, *skus: str, who: UUID | None = None) -> Wish:
    """Return a wish for services, CORTE by default."""
    return Wish(services=skus or ("CORTE",), starts_at=starts_at, professional=who)


def booker(**columns: Any) -> Booker:
    """Return somebody who comes."""
    return Booker(**{"name": "Maria Souza", "email": "maria@example.com", "phone": "+5511987654321", **columns})


def book(
    starts_at: datetime,
    *skus: str,
    who: UUID | None = None,
    actor: Actor = GUEST,
    now: datetime = MONDAY,
    force: str = "",
    reason: str = "",
    **columns: Any,
) -> Booked:
    """Book a visit directly."""
    return scheduling.book(
        wish=wish(starts_at, *skus, who=who),
        booker=booker(**columns),
        actor=actor,
        now=now,
        force=force,
        reason=reason,
    )


def book_once(
    starts_at: datetime, *skus: str, once: IdempotencyKey, who: UUID | None = None, now: datetime = MONDAY
) -> StoredResponse:
    """Book a visit directly, as a guest does who names the request."""
    return answered(scheduling.book, partial(answers.booked, now=now), once=once)(
        wish=wish(starts_at, *skus, who=who), booker=booker(), actor=GUEST, now=now
    )


def booked(starts_at: datetime, *skus: str, **options: Any) -> Appointment:
    """Return a visit booked directly."""
    new = book(starts_at, *skus, **options)
    return Appointment.objects.get(pk=new.appointment.pk)


def held(
    starts_at: datetime,
    *skus: str,
    who: UUID | None = None,
    claim: UUID | None = None,
    holder: UUID | None = None,
    customer_id: int | None = None,
    now: datetime = MONDAY,
    actor: Actor = GUEST,
) -> Appointment:
    """Return a visit held under a claim, as a cart does it."""
    carrier = claim or uuid4()

    def attempt(candidate: Candidate) -> Appointment:
        return run_unit_of_work(
            lambda: scheduling.hold(
                candidate=candidate,
                claim=carrier,
                booker=Booker(holder=holder or uuid4(), customer_id=customer_id),
                actor=actor,
                now=now,
            )
        )

    return scheduling.with_professional(wish=wish(starts_at, *skus, who=who), actor=actor, now=now, attempt=attempt)


def claim_of(visit: Appointment) -> UUID:
    """Return the claim that keeps a visit's time."""
    assert visit.claim is not None
    return visit.claim


def allocate(
    *claims: UUID,
    expires_at: datetime | None = None,
    now: datetime = MONDAY,
    actor: Actor = GUEST,
    prices: Mapping[UUID, Sequence[Decimal]] | None = None,
    **columns: Any,
) -> list[scheduling.Lost]:
    """Allocate claims as an order does it."""
    return run_unit_of_work(
        lambda: scheduling.allocate(
            claims=list(claims),
            expires_at=expires_at,
            booker=booker(**columns),
            actor=actor,
            now=now,
            prices=prices,
        )
    )


def once(key: str = "key", fingerprint: str = "body") -> IdempotencyKey:
    """Return an idempotency key of a guest."""
    return IdempotencyKey(scope="appointments", key=key, fingerprint=fingerprint)


def told() -> list[str]:
    """Return the names of the events so far, in order, however many hear of each."""
    return list(
        OutboxMessage.objects.values("event_id", "name")
        .annotate(at=Min("pk"))
        .order_by("at")
        .values_list("name", flat=True)
    )


def everything() -> list[Any]:
    """Return what the agenda holds, to compare before and after a refusal."""
    return [
        list(Appointment.objects.order_by("pk").values_list()),
        list(Appointment.objects.order_by("pk").values_list("events__seq", "events__to_state", "services__sku")),
    ]
