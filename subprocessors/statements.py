"""The SQL that tells many customers at once: constant text, in which only our own tables are named; values are always parameters."""

from __future__ import annotations

from customers.models import Customer, Membership, User
from subprocessors.models import AgreedTerms, Notice, Objection, TermsDeviation

# What counts for each open customer: the deviation in force, else the agreement concluded last.
TERMS = """
SELECT customer.id AS customer_id, customer.legal_name,
       CASE WHEN deviation.id IS NULL THEN agreed.notice_days ELSE deviation.notice_days END AS notice_days,
       CASE WHEN deviation.id IS NULL THEN agreed.objection_days ELSE deviation.objection_days END AS objection_days,
       CASE WHEN deviation.id IS NULL THEN agreed.urgent_notice_days ELSE deviation.urgent_notice_days END AS urgent_notice_days,
       CASE WHEN deviation.id IS NULL THEN agreed.authorisation ELSE deviation.authorisation END AS authorisation,
       CASE WHEN deviation.id IS NULL THEN agreed.source || ' ' || agreed.source_number ELSE 'deviation' END AS source
FROM {agreed} agreed JOIN {customer} customer ON customer.id = agreed.customer_id AND customer.closed_at IS NULL
LEFT JOIN {deviation} deviation ON deviation.customer_id = customer.id AND deviation.ended_at IS NULL
"""
NOTICES = """
WITH terms AS ({terms} WHERE customer.id > %(after)s AND (%(customer)s IS NULL OR customer.id = %(customer)s) ORDER BY customer.id LIMIT %(limit)s),
period AS (
    SELECT * FROM jsonb_to_recordset(%(periods)s::jsonb) AS period (notice_days int, objection_days int, urgent_notice_days int,
        notice_ends date, objection_ends date, objection_ends_at timestamptz, may_start date, is_shortened boolean)
), written AS (
    INSERT INTO {notice} (announcement_id, customer_id, told_date, notice_ends_date, objection_ends_date, objection_ends_at, may_start_date,
                          is_shortened, is_information, is_late, authorisation, terms_source)
    SELECT %(announcement)s, terms.customer_id, %(told)s, notice_ends, objection_ends, objection_ends_at, may_start,
           is_shortened, %(is_information)s, %(is_late)s, terms.authorisation, left(terms.source, 40)
    FROM terms JOIN period ON period.notice_days = terms.notice_days AND period.objection_days = terms.objection_days
         AND period.urgent_notice_days IS NOT DISTINCT FROM terms.urgent_notice_days
    ON CONFLICT (announcement_id, customer_id) DO NOTHING
)
SELECT max(customer_id) FROM terms
"""
# Every active privacy contact; where a company has none, its owners.
RECIPIENTS = """
SELECT notice.customer_id, NULL::uuid AS subscription_id, person.email AS recipient, person.language,
       jsonb_build_object('company', customer.legal_name, 'notice_ends_on', notice.notice_ends_date, 'objection_ends_on', notice.objection_ends_date,
           'starts_on', greatest(notice.may_start_date, %(starts)s), 'is_shortened', notice.is_shortened,
           'needs_consent', notice.authorisation = 'specific') AS context,
       notice.customer_id || ':' || person.id AS mark
FROM {notice} notice
JOIN {customer} customer ON customer.id = notice.customer_id
JOIN LATERAL (
    SELECT DISTINCT member.id, member.email, member.language FROM {membership} membership
    JOIN {user} member ON member.id = membership.user_id AND member.is_active
    WHERE membership.customer_id = notice.customer_id AND membership.role = CASE WHEN EXISTS (
        SELECT 1 FROM {membership} contact JOIN {user} holder ON holder.id = contact.user_id AND holder.is_active
        WHERE contact.customer_id = notice.customer_id AND contact.role = 'privacy_contact'
    ) THEN 'privacy_contact' ELSE 'owner' END
) person ON true
WHERE notice.announcement_id = %(announcement)s AND customer.closed_at IS NULL
"""
OF_CHUNK = " AND notice.customer_id > %(after)s AND notice.customer_id <= %(last)s"
UNDECIDED = """ AND NOT notice.is_information AND notice.consented_at IS NULL AND notice.objection_ends_at > %(now)s
AND notice.objection_ends_at <= %(soon)s AND NOT EXISTS (SELECT 1 FROM {objection} objection WHERE objection.notice_id = notice.id)
AND NOT EXISTS (SELECT 1 FROM {delivery} told WHERE told.key = %(broadcast_key)s || ':' || notice.customer_id || ':' || person.id)
ORDER BY notice.customer_id LIMIT %(limit)s"""
NOT_TOLD = """ AND NOT EXISTS (
    SELECT 1 FROM {delivery} told WHERE told.key = %(broadcast_key)s || ':' || notice.customer_id || ':' || person.id
) ORDER BY notice.customer_id LIMIT %(limit)s"""
# Notices whose first mail went out on a later day than they say, unless the notice was opened in the portal before.
RECEIVED = """
WITH received AS (
    SELECT notice.id, notice.customer_id, min(timezone(%(zone)s, delivery.sent_at)::date) AS day FROM {notice} notice
    JOIN {delivery} delivery ON delivery.customer_id = notice.customer_id AND delivery.broadcast_id = %(broadcast)s
         AND delivery.state = 'sent'
    WHERE notice.announcement_id = %(announcement)s AND NOT notice.is_information AND NOT notice.is_late
    AND (notice.seen_at IS NULL OR notice.seen_at > delivery.sent_at)
    GROUP BY notice.id HAVING min(timezone(%(zone)s, delivery.sent_at)::date) > notice.told_date
)
"""
DAYS = "SELECT DISTINCT day FROM received"
MOVE = """, terms AS ({terms}), period AS (
    SELECT * FROM jsonb_to_recordset(%(periods)s::jsonb) AS period (notice_days int, objection_days int, urgent_notice_days int,
        notice_ends date, objection_ends date, objection_ends_at timestamptz, may_start date)
)
UPDATE {notice} notice SET told_date = received.day, notice_ends_date = greatest(notice.notice_ends_date, period.notice_ends),
    objection_ends_date = greatest(notice.objection_ends_date, period.objection_ends),
    objection_ends_at = greatest(notice.objection_ends_at, period.objection_ends_at),
    may_start_date = greatest(notice.may_start_date, period.may_start)
FROM received JOIN terms ON terms.customer_id = received.customer_id JOIN period ON period.notice_days = terms.notice_days
    AND period.objection_days = terms.objection_days AND period.urgent_notice_days IS NOT DISTINCT FROM terms.urgent_notice_days
WHERE notice.id = received.id AND received.day = %(day)s
"""
TABLES = {
    "{agreed}": AgreedTerms,
    "{deviation}": TermsDeviation,
    "{notice}": Notice,
    "{objection}": Objection,
    "{customer}": Customer,
    "{membership}": Membership,
    "{user}": User,
}


def named(statement: str) -> str:
    """Return the statement with the names of the tables; values never come this way."""
    statement = statement.replace("{terms}", TERMS)
    for mark, model in TABLES.items():
        statement = statement.replace(mark, model._meta.db_table)  # noqa: SLF001  # Django documents _meta as an API
    return statement
