"""A row of activity is of the company of its subscription: where no activity of a company is left, none refers to its subscriptions."""

from django.db import migrations, models

KEY = """
ALTER TABLE subscriptions_activity DROP CONSTRAINT subscriptions_activity_of_subscription;
ALTER TABLE subscriptions_activity ADD CONSTRAINT subscriptions_activity_of_subscription
    FOREIGN KEY (subscription_id, customer_id) REFERENCES subscriptions_subscription (id, customer_id) ON DELETE CASCADE;
"""
BACK = """
ALTER TABLE subscriptions_activity DROP CONSTRAINT subscriptions_activity_of_subscription;
ALTER TABLE subscriptions_activity ADD CONSTRAINT subscriptions_activity_of_subscription
    FOREIGN KEY (subscription_id) REFERENCES subscriptions_subscription (id) ON DELETE CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0005_types_of_channels")]
    operations = [
        migrations.RemoveIndex("subscription", "subscriptions_by_customer"),
        migrations.AddConstraint("subscription", models.UniqueConstraint(fields=("customer", "id"), name="subscriptions_by_customer")),
        migrations.RunSQL(KEY, BACK),
    ]
